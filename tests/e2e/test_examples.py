"""Every example runs as it is, and says what it promises."""

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
TESTED_HERE = {
    "demo.py",
    "quickstart.py",
    "quickstart_async.py",
    "make_transactions.py",
    "breast_cancer.py",
    "explanations.py",
    "own_detector.py",
    "time_series.py",
}
TESTED_BESIDE = {
    "fastapi_payments.py": "test_fastapi_payments.py",
    "nightly_batch.py": "test_nightly_batch.py",
    "notebook.ipynb": "test_notebook.py",
    "stream_loop.py": "test_stream_loop.py",
}


def run(stack, name, *arguments):
    done = stack.run_python(str(EXAMPLES / name), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_example_is_left_untested():
    examples = {path.name for pattern in ("*.py", "*.ipynb") for path in EXAMPLES.glob(pattern)}
    assert examples == TESTED_HERE | set(TESTED_BESIDE)
    assert all(Path(__file__).with_name(name).exists() for name in TESTED_BESIDE.values())


def test_the_example_of_explanations_names_what_made_payments_odd(stack):
    printed = run(stack, "explanations.py")
    assert "transaction_id: identifier, not used" in printed
    assert "T001969 scores 0.988\n   82%  amount is 6981.48, usually 35.3" in printed
    assert "\nensemble: amount " in printed
    assert "\nisolation_forest: amount " in printed
    assert "\necod: timestamp " in printed


def test_the_own_detector_explains_votes_and_is_listed(stack):
    printed = run(stack, "own_detector.py")
    assert "T001969: score 0.99, amount is 6981.48" in printed
    assert "anomalies are so with ecod voting, too" in printed
    assert "listed as: Lonely values" in printed


def test_the_time_series_example_finds_the_spike_and_the_odd_day(stack):
    printed = run(stack, "time_series.py")
    assert "'load': '97.23'} where 50.4 was expected" in printed
    assert "windows: 2024-05-09 a, 2024-05-09 b, 2024-05-10 b" in printed


def test_the_loads_are_what_the_seeded_script_makes(stack, tmp_path):
    run(stack, "time_series.py", "--write-data", str(tmp_path))
    assert (tmp_path / "server_load.csv").read_bytes() == (EXAMPLES / "server_load.csv").read_bytes()


def test_the_page_on_time_series_prints_what_it_says(stack, tmp_path):
    page = (EXAMPLES.parent / "docs" / "time-series.md").read_text()
    program, printed = (page.split(f"```{kind}\n")[1].split("```")[0] for kind in ("python", "text"))
    (tmp_path / "page.py").write_text(program)
    done = stack.run_python(str(tmp_path / "page.py"))
    assert (done.stdout, done.stderr) == (printed, "")


def test_the_quickstart_finds_its_odd_reading(stack):
    printed = run(stack, "quickstart.py")
    assert "the last reading: 1 " in printed
    assert "20 anomalies in job_" in printed


def test_the_asynchronous_quickstart_asks_every_algorithm(stack):
    printed = run(stack, "quickstart_async.py")
    for algorithm in ("isolation_forest", "local_outlier_factor", "ecod"):
        assert f"\n{algorithm}" in f"\n{printed}"
    assert "anomalies in job_" in printed


@pytest.fixture(scope="module")
def demo(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return run(stack, "demo.py", "--data-dir", str(folder)), folder


def test_the_demo_detects_twice_runs_a_job_and_asks_from_node(demo):
    printed, _ = demo
    for part in ("1. Breast-cancer cells", "2. Customer payments", "3. The same payments as a batch job"):
        assert part in printed
    assert printed.count("ROC-AUC 0.9") == 2
    assert "100%" in printed
    assert "4. The same payments from Node" in printed
    assert ": 20 of 2000 rows are anomalous (isolation_forest)" in printed
    assert "The server is stopped." in printed


def test_the_demo_fits_a_terminal_of_a_hundred_columns(demo):
    printed, _ = demo
    assert max(len(line) for line in printed.splitlines()) <= 100


def test_the_demo_leaves_no_server_behind(demo):
    _, folder = demo
    assert not (folder / "server" / "server.json").exists()


def test_the_payments_are_what_the_seeded_script_makes(stack, tmp_path):
    run(stack, "make_transactions.py", "--out", str(tmp_path))
    for name in ("transactions.csv", "transactions_labels.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


def test_the_cells_are_written_with_their_labels_aside(stack, tmp_path):
    run(stack, "breast_cancer.py", "--out", str(tmp_path))
    table = (tmp_path / "breast_cancer.csv").read_text().splitlines()
    labels = (tmp_path / "breast_cancer_labels.csv").read_text().splitlines()
    assert len(table) == len(labels) == 368
    assert "is_anomaly" not in table[0]
    assert sum(line.endswith(",1") for line in labels) == 10


README = (EXAMPLES.parent / "README.md").read_text()
FIRST_CALLS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", FIRST_CALLS, ids=["sync", "async", "models"])
def test_the_first_calls_of_the_readme_run_as_printed(stack, code):
    done = stack.run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout
