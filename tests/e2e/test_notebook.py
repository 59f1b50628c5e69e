"""The notebook of the examples, cell by cell, against a real server.

The cells are run in this process as a notebook runs them: one after the other in one namespace, the value of
the last expression shown. A kernel (ipykernel, nbclient, ZeroMQ) would add a dozen packages and no proof:
there is no magic in the cells.
"""

import ast
import json
import shutil

import pytest
from tests.e2e.test_examples import EXAMPLES

CELLS = json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def shown(source, names):
    """Run a cell; gives what a notebook would show for it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def starting(words):
    """The first cell that has these words."""
    return next(place for place, source in enumerate(CODE) if words in source)


@pytest.fixture(scope="module")
def values(stack, tmp_path_factory):
    """What each cell shows, and the names it leaves."""
    folder = tmp_path_factory.mktemp("notebook")
    for name in ("transactions.csv", "transactions_labels.csv"):
        shutil.copy(EXAMPLES / name, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CONFIG_HOME", str(stack.config_home))
        patch.setenv("MPLBACKEND", "Agg")
        names: dict = {}
        yield [shown(source, names) for source in CODE], names, folder


def test_the_result_shows_as_a_table_with_the_anomalies_highlighted(values):
    shown, _, _ = values
    page = shown[starting("detect_anomalies")]._repr_html_()
    assert "20 of 2000 rows are anomalous" in page.replace(",", "")
    assert "T00" in page
    border = shown[starting("top(30)")]
    assert [row.prediction for row in border] == [1] * 5 + [0] * 5
    assert border._repr_html_().count("background") == 5


def test_the_plot_has_every_row_and_every_anomaly(values):
    shown, _, _ = values
    axes = shown[starting("plot()")]
    assert [len(line.get_xdata()) for line in axes.lines[:2]] == [2000, 20]


def test_the_explanation_names_columns_by_their_share(values):
    shown, names, _ = values
    reasons = shown[starting("explain(")]
    assert set(reasons.index) <= set(names["payments"].columns)
    assert list(reasons) == sorted(reasons, reverse=True)
    assert reasons.name in names["payments"].index


def test_the_scores_lie_under_the_index_of_the_frame(values):
    _, names, folder = values
    assert names["scored"].index.equals(names["payments"].index)
    assert names["quality"].roc_auc > 0.9
    assert (folder / "out" / "payments.xlsx").stat().st_size > 0


def test_the_notebook_is_kept_without_outputs():
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in CELLS if "outputs" in cell)
