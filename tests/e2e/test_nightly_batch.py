"""The nightly job of the examples: its report, its exit statuses, and what a crash leaves."""

import importlib.util
import json

import polars as pl
import pytest
from tests.e2e.test_examples import EXAMPLES

from pynomaly import JobHandle

TABLE = EXAMPLES / "transactions.csv"


class PowerCutError(BaseException):
    """Ends the program where no handler of its own is asked."""


def cut(*_arguments, **_options):
    raise PowerCutError


@pytest.fixture
def nightly(stack, tmp_path, monkeypatch):
    """The program's `main`, as somebody whose folder and server are set."""
    spec = importlib.util.spec_from_file_location("nightly_batch", EXAMPLES / "nightly_batch.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(stack.config_home))
    return module.main


def jobs_now(client):
    return {job.job_id for job in client.jobs.list_jobs_iter()}


def test_the_report_holds_the_unusual_rows(nightly, tmp_path, capsys):
    assert nightly([str(TABLE)]) == 0
    report = pl.read_excel(tmp_path / "unusual.xlsx", sheet_name="Results")
    assert len(report) == 20
    assert set(report["prediction"]) == {1}
    said = capsys.readouterr()
    assert said.out.startswith("unusual.xlsx: the unusual rows of job_")
    assert "2,000" in said.err  # the progress
    assert not (tmp_path / "nightly.json").exists()


@pytest.mark.parametrize("moment", ["to_token", "wait"], ids=["before the token", "while waiting"])
def test_after_a_crash_the_same_command_goes_on_with_the_same_job(
    nightly, client, tmp_path, monkeypatch, capsys, moment
):
    before = jobs_now(client)
    with monkeypatch.context() as patch:
        patch.setattr(JobHandle, moment, cut)
        with pytest.raises(PowerCutError):
            nightly([str(TABLE)])
    (begun,) = jobs_now(client) - before

    assert nightly([str(TABLE)]) == 0
    assert jobs_now(client) - before == {begun}
    assert begun in capsys.readouterr().out
    assert (tmp_path / "unusual.xlsx").exists()


def test_a_table_that_is_refused_fails_and_leaves_nothing_to_go_on_with(nightly, tmp_path, capsys):
    (tmp_path / "bad.csv").write_text('a,b\n"1,2\n')
    assert nightly(["bad.csv"]) == 1
    assert capsys.readouterr().err.startswith("Failed: ")
    assert not (tmp_path / "nightly.json").exists()


def test_a_server_that_is_away_leaves_the_run_to_go_on_with(nightly, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PYNOMALY_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PYNOMALY_API_KEY", "pyn_nobody")
    assert nightly([str(TABLE)]) == 1
    assert capsys.readouterr().err.endswith("The same command goes on with it.\n")
    assert json.loads((tmp_path / "nightly.json").read_text())["files"] == [str(TABLE)]


def test_files_that_are_not_there_and_other_files_than_begun_are_wrong_arguments(nightly, tmp_path, capsys):
    for arguments, words in (
        (["none.csv"], "no such file: none.csv"),
        ([str(TABLE)], "a run over other files"),
    ):
        (tmp_path / "nightly.json").write_text('{"files": [], "key": "nightly-1"}')
        with pytest.raises(SystemExit, match="2"):
            nightly(arguments)
        assert words in capsys.readouterr().err
