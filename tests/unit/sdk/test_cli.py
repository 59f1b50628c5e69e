"""The command `pynomaly`."""

import csv
import io
import json
from importlib.metadata import EntryPoint

import httpx
import pytest
import respx
from tests.unit.sdk.conftest import KEY, ORIGIN, ROOT
from tests.unit.sdk.test_results import answer
from tests.unit.sdk.test_transport import problem

import pynomaly
from pynomaly.cli import main


@pytest.fixture(autouse=True)
def _server(monkeypatch):
    monkeypatch.setenv("PYNOMALY_API_KEY", KEY)
    monkeypatch.setenv("PYNOMALY_BASE_URL", ORIGIN)
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,amount\nt1,1\nt2,70\n=t3,95\nt4,2\n")
    return str(path)


def detecting(**fields):
    values = answer(identifiers={"id": ["t1", "t2", "=t3", "t4"]}, **fields)
    return respx.post(url__startswith=f"{ROOT}/detect").mock(return_value=httpx.Response(200, json=values))


@respx.mock
def test_detect_prints_a_table(table, capsys):
    route = detecting()
    assert main(["detect", table, "--contamination", "auto", "--algorithm", "ecod", "--top", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 of 4 rows are anomalous (ecod)"
    assert lines[-1].split() == ["2", "0.95", "=t3", "95"]
    assert route.calls.last.request.url.query == b"algorithm=ecod&contamination=auto"


@respx.mock
def test_detect_prints_json(table, capsys):
    contributions = [{"feature": "amount", "value": 95.0, "expected": 1.5, "contribution": 1.0}]
    detecting(explanations=[{"row": 2, "contributions": contributions}])
    assert main(["detect", table, "--explain", "--output", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["n_anomalies"], document["anomalies"][0]["id"]) == (2, "=t3")
    assert document["anomalies"][0]["explanation"][0]["feature"] == "amount"


@respx.mock
def test_detect_prints_csv_without_formulas(table, capsys):
    detecting()
    assert main(["detect", table, "--output", "csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["row", "score", "id"], ["2", "0.95", "'=t3"], ["1", "0.7", "t2"]]


@respx.mock
def test_notes_of_the_server_go_to_stderr(table, capsys):
    detecting(warnings=[{"code": "constant-column", "detail": "amount is constant.", "column": "amount"}])
    main(["detect", table])
    assert capsys.readouterr().err == "pynomaly: note: amount is constant.\n"


@respx.mock
def test_health_prints_the_parts(capsys):
    checks = [{"name": "database", "status": "ok", "detail": "answered", "elapsed_ms": 1.0}]
    health = {"status": "ok", "version": "0.1.0", "checks": checks}
    respx.get(f"{ROOT}/health").mock(return_value=httpx.Response(200, json=health))
    assert main(["health"]) == 0
    assert capsys.readouterr().out == (
        "ok (server 0.1.0)\npart      status  detail\n--------  ------  --------\ndatabase  ok      "
        "answered\n"
    )


@respx.mock
def test_health_of_a_degraded_server_exits_with_one():
    health = {"status": "degraded", "version": "0.1.0", "checks": []}
    respx.get(f"{ROOT}/health").mock(return_value=httpx.Response(200, json=health))
    assert main(["health"]) == 1


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"pynomaly {pynomaly.__version__}\n"


def test_no_command_prints_the_help(capsys):
    assert main([]) == 2
    assert "detect" in capsys.readouterr().out


def test_a_missing_file_is_one_line_and_exit_code_two(capsys):
    assert main(["detect", "gone.csv"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("pynomaly: There is no file 'gone.csv'")


def test_no_key_is_one_line_and_exit_code_two(capsys, monkeypatch):
    monkeypatch.delenv("PYNOMALY_API_KEY")
    assert main(["health"]) == 2
    assert capsys.readouterr().err.startswith("pynomaly: No API key for")


@respx.mock
def test_a_refusal_is_one_line_and_exit_code_one(table, capsys):
    respx.post(url__startswith=f"{ROOT}/detect").mock(return_value=problem(422, "too-few-rows"))
    assert main(["detect", table]) == 1
    assert capsys.readouterr().err == (
        "pynomaly: It did not work this time. (HTTP 422, too-few-rows, request req_problem)\n"
    )


def test_a_wrong_contamination_is_said_to_be_wrong(capsys, table):
    with pytest.raises(SystemExit) as stopped:
        main(["detect", table, "--contamination", "many"])
    assert stopped.value.code == 2
    assert "'many' is neither a number in (0, 0.5] nor auto" in capsys.readouterr().err


def greet(commands) -> None:
    commands.add_parser("greet").set_defaults(handler=lambda arguments: 7)


def test_other_distributions_add_commands(monkeypatch):
    entry = EntryPoint("greet", f"{__name__}:greet", "pynomaly.commands")
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [entry])
    monkeypatch.setattr(EntryPoint, "load", lambda self: greet)
    assert main(["greet"]) == 7


@respx.mock
def test_commands_that_cannot_be_loaded_leave_the_others_alone(monkeypatch, capsys, table):
    detecting()
    entry = EntryPoint("broken", "no_such_module:register", "pynomaly.commands")
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [entry])
    assert main(["detect", table]) == 0
    assert "the commands of no_such_module:register cannot be loaded" in capsys.readouterr().err
