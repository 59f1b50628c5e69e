"""Progress for people: in notebooks, in terminals, in logs."""

import io
import subprocess
import sys
import types

import pytest
from tests.unit.sdk.test_jobs import Terminal

from pynomaly.progress import Progress, open_display
from pynomaly.progress.displays import in_notebook
from pynomaly.progress.notebook import progress_html
from pynomaly.progress.rich_bar import RichBar
from pynomaly.progress.status_line import StatusLine

HALF = Progress("scoring", 0.5, "500/1,000 rows 100 rows/s, 5 s left", "scoring")
WHOLE = Progress("done", 1.0, "1,000/1,000 rows", "done")


class Cell:
    """The output of a notebook's cell, as IPython's displays change it."""

    def __init__(self) -> None:
        self.outputs = []

    def display(self, shown, *, display_id):
        assert display_id
        self.outputs.append(shown)
        return types.SimpleNamespace(update=lambda changed: self.outputs.__setitem__(-1, changed))


@pytest.fixture
def cell(monkeypatch):
    """A program that a kernel of IPython runs."""
    output = Cell()
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.HTML = str
    ipython.display.display = output.display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    return output


def test_a_notebook_gets_one_bar_that_changes_in_its_place(cell):
    display = open_display()
    display.show(HALF, 0.0)
    assert 'aria-valuenow="50"' in cell.outputs[0]
    display.show(WHOLE, 1.0)
    display.close()
    assert len(cell.outputs) == 1
    assert 'aria-valuenow="100"' in cell.outputs[0]
    assert "1,000/1,000 rows" in cell.outputs[0]


def test_a_terminal_of_ipython_is_no_notebook(cell, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", types.SimpleNamespace)
    assert not in_notebook()


def test_ipython_that_nobody_runs_is_no_notebook(cell, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    assert not in_notebook()


def test_no_kernel_means_no_import_of_ipython_or_rich():
    code = "from pynomaly.progress import open_display; open_display(); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not {"IPython", "rich"} & loaded


def test_progress_in_a_notebook_is_escaped():
    shown = progress_html(Progress("<b>", None, "<script>", "x"))
    assert shown == "<div><b>&lt;b&gt;</b> <span>&lt;script&gt;</span></div>"


def test_a_terminal_gets_the_bar_of_rich(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    display = open_display()
    assert isinstance(display, RichBar)
    display.show(HALF, 0.0)
    assert " 50%" in terminal.getvalue()
    assert "100 rows/s" in terminal.getvalue()
    display.show(WHOLE, 1.0)
    display.close()
    assert terminal.getvalue().count("1,000/1,000 rows") >= 1
    assert terminal.getvalue().count("\n") < 3


def test_a_bar_of_rich_that_showed_nothing_writes_nothing(monkeypatch):
    terminal = Terminal()
    RichBar(terminal).close()
    assert terminal.getvalue() == ""


def test_what_looks_like_markup_is_shown_as_it_is(monkeypatch):
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    display = RichBar(terminal)
    display.show(Progress("[red]", None, "[/nothing]", "x"), 0.0)
    display.close()
    assert "[red]" in terminal.getvalue()
    assert "[/nothing]" in terminal.getvalue()


def test_a_terminal_without_rich_gets_a_line(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("pynomaly.progress.displays.importlib.util.find_spec", lambda name: None)
    display = open_display()
    display.show(HALF, 0.0)
    display.close()
    bar = "#" * 15 + "." * 15
    assert sys.stderr.getvalue() == f"\rscoring   [{bar}]  50% 500/1,000 rows 100 rows/s, 5 s left\n"


def test_a_log_gets_lines(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(open_display(), StatusLine)
