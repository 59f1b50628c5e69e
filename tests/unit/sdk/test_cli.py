"""The command `pynomaly`."""

import csv
import io
import json
import re
from importlib.metadata import EntryPoint

import httpx
import pytest
import respx
from tests.unit.sdk.conftest import KEY, ORIGIN, ROOT
from tests.unit.sdk.test_jobs import job
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
def test_rows_ordered_in_time_are_detected_as_such(table):
    route = detecting()
    series = ["--timestamp-column", "at", "--series-column", "pump", "--windows", "12"]
    assert main(["detect", table, *series]) == 0
    asked = route.calls.last.request.url.params
    assert (asked["timestamp_column"], asked["series_column"]) == ("at", "pump")
    assert json.loads(asked["windows"]) == {"length": 12}


@pytest.mark.parametrize("length", ["0", "a day"])
def test_windows_have_a_length_in_rows(table, length, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["detect", table, "--windows", length])
    assert ended.value.code == 2
    assert f"{length!r} is not a whole number of rows from 1 on" in capsys.readouterr().err


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


@respx.mock
def test_health_needs_no_key_and_sends_none(monkeypatch):
    health = {"status": "ok", "version": "0.1.0", "checks": []}
    asked = respx.get(f"{ROOT}/health").mock(return_value=httpx.Response(200, json=health))
    assert main(["health"]) == 0
    monkeypatch.delenv("PYNOMALY_API_KEY")
    assert main(["health"]) == 0
    assert ["authorization" in call.request.headers for call in asked.calls] == [False, False]


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
    assert main(["algorithms"]) == 2
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


DATASET_ID, JOB_ID = "dts_" + "1" * 32, "job_" + "1" * 32
DATASET = {
    "dataset_id": DATASET_ID,
    "name": "payments.csv",
    "media_type": "text/csv",
    "size_bytes": 12_345,
    "n_rows": 1_000,
    "n_columns": 3,
    "created_at": "2026-05-01T12:00:00Z",
}


def lists(path, *items):
    page = {"items": list(items), "next_cursor": None}
    return respx.get(url__startswith=f"{ROOT}/{path}").mock(return_value=httpx.Response(200, json=page))


def words(line):
    return re.split(r" {2,}", line.strip())


@respx.mock
def test_datasets_are_listed_as_a_table_and_as_json(capsys):
    lists("datasets", DATASET)
    assert main(["datasets", "list"]) == 0
    heading, _, line = capsys.readouterr().out.splitlines()
    assert words(heading) == ["id", "name", "rows", "columns", "size", "stored (UTC)"]
    assert words(line) == [DATASET_ID, "payments.csv", "1000", "3", "12.3 kB", "2026-05-01 12:00"]
    assert main(["datasets", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [DATASET]


@respx.mock
def test_without_datasets_the_list_says_so_and_json_is_an_empty_list(capsys):
    lists("datasets")
    assert (main(["datasets", "list"]), capsys.readouterr().out) == (0, "There are no datasets.\n")
    assert (main(["datasets", "list", "--json"]), capsys.readouterr().out) == (0, "[]\n")


@respx.mock
def test_a_dataset_is_uploaded_shown_and_deleted(table, capsys):
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(
        return_value=httpx.Response(201, json=DATASET)
    )
    respx.get(f"{ROOT}/datasets/{DATASET_ID}").mock(return_value=httpx.Response(200, json=DATASET))
    delete = respx.delete(f"{ROOT}/datasets/{DATASET_ID}").mock(return_value=httpx.Response(204))
    assert main(["datasets", "upload", table, "--name", "mine"]) == 0
    assert capsys.readouterr().out == f"Stored as {DATASET_ID}: 1,000 rows, 3 columns.\n"
    assert upload.calls.last.request.url.query == b"name=mine"
    assert main(["datasets", "upload", table, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == DATASET
    assert main(["datasets", "show", DATASET_ID]) == 0
    assert "rows        1,000" in capsys.readouterr().out
    assert main(["datasets", "delete", DATASET_ID]) == 0
    assert capsys.readouterr().out == f"Deleted {DATASET_ID}.\n"
    assert delete.called


@respx.mock
def test_a_profile_is_a_line_for_each_column_and_its_warnings_are_notes(capsys):
    numbers = {
        "min": 1.0,
        "max": 9.5,
        "mean": 4.25,
        "std": 1.0,
        "q1": 2.0,
        "median": 4.0,
        "q3": 6.0,
        "quartiles_approximate": False,
        "zeros": 0,
        "histogram": {"edges": [1.0, 9.5], "counts": [4]},
    }
    column = {"missing": 1, "missing_share": 0.25, "distinct_approximate": False, "constant": False}
    document = {
        "dataset_id": DATASET_ID,
        "n_rows": 4,
        "n_columns": 2,
        "columns": [
            {
                **column,
                "name": "amount",
                "type": "numeric",
                "distinct": 3,
                "identifier": False,
                "numeric": numbers,
            },
            {
                **column,
                "name": "kind",
                "type": "categorical",
                "distinct": 2,
                "identifier": False,
                "top_values": [{"value": "food", "count": 2}, {"value": "travel", "count": 1}],
            },
        ],
        "duplicate_rows": {"count": 1, "share": 0.25, "approximate": False},
        "warnings": [{"code": "constant-column", "detail": "kind is dull.", "column": "kind"}],
    }
    respx.get(f"{ROOT}/datasets/{DATASET_ID}/profile").mock(return_value=httpx.Response(200, json=document))
    assert main(["datasets", "profile", DATASET_ID]) == 0
    said = capsys.readouterr()
    first, _, _, amount, kind = said.out.splitlines()
    assert first == "4 rows, 1 of them repeated; 2 columns"
    assert words(amount) == ["amount", "numeric", "25.0%", "3", "1 to 9.5, mean 4.25"]
    assert words(kind)[-1] == "food (2), travel (1)"
    assert said.err == "pynomaly: note: kind is dull.\n"


@respx.mock
def test_jobs_are_listed_and_described_where_no_server_brings_a_command_of_that_name(monkeypatch, capsys):
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])
    made = {"model_id": "mdl_" + "1" * 32, "name": "payments", "version": 3}
    trained = {**job("succeeded"), "kind": "training", "model": made}
    respx.get(f"{ROOT}/jobs").mock(
        return_value=httpx.Response(200, json={"items": [trained], "next_cursor": None})
    )
    assert main(["jobs", "list"]) == 0
    assert JOB_ID in capsys.readouterr().out
    respx.get(url__regex=rf"{ROOT}/jobs/{JOB_ID}(\?.*)?$").mock(
        return_value=httpx.Response(200, json=trained)
    )
    assert main(["jobs", "show", JOB_ID]) == 0
    assert "made        payments@3" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["jobs", "run", DATASET_ID])


def test_jobs_are_the_operators_where_the_server_brings_them(monkeypatch, capsys):
    def register(commands):
        commands.add_parser("jobs").set_defaults(handler=lambda _: 7)

    entry = EntryPoint("jobs", f"{__name__}:jobs", "pynomaly.commands")
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [entry])
    monkeypatch.setattr(EntryPoint, "load", lambda self: register)
    assert main(["jobs"]) == 7


@respx.mock
def test_a_batch_job_is_run_listed_cancelled_and_its_result_downloaded(tmp_path, capsys):
    done = job("succeeded")
    respx.post(f"{ROOT}/batch").mock(return_value=httpx.Response(202, json=job("queued")))
    respx.get(f"{ROOT}/jobs").mock(
        return_value=httpx.Response(200, json={"items": [done], "next_cursor": None})
    )
    respx.get(url__regex=rf"{ROOT}/jobs/{JOB_ID}(\?.*)?$").mock(return_value=httpx.Response(200, json=done))
    assert main(["batch", "run", DATASET_ID, "--contamination", "0.02"]) == 0
    assert "state       succeeded" in capsys.readouterr().out
    assert main(["batch", "run", DATASET_ID, "--model", "fraud@production", "--detach"]) == 0
    assert json.loads(respx.calls[-2].request.content) == {
        "data_sources": [DATASET_ID],
        "model_id": "fraud@production",
    }
    capsys.readouterr()
    assert main(["batch", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["job_id"] == JOB_ID
    respx.post(f"{ROOT}/jobs/{JOB_ID}/cancel").mock(return_value=problem(409, "conflict"))
    assert main(["batch", "cancel", JOB_ID]) == 1
    respx.get(url__startswith=f"{ROOT}/jobs/{JOB_ID}/result").mock(
        return_value=httpx.Response(200, content=b"row,score\r\n", headers={"content-type": "text/csv"})
    )
    target = tmp_path / "result.csv"
    capsys.readouterr()
    assert main(["batch", "download", JOB_ID, str(target)]) == 0
    assert (capsys.readouterr().out, target.read_bytes()) == (f"Wrote {target}.\n", b"row,score\r\n")


FEEDBACK = {
    "model_id": "mdl_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f",
    "name": "fraud",
    "version": 3,
    "alias": "production",
    "threshold": 0.5,
    "n_labels": 2,
    "n_anomalies": 1,
    "n_predicted": 2,
    "precision": 0.5,
    "recall": None,
    "suggested": {"threshold": 0.7, "precision": 1.0, "recall": 1.0, "f1": 1.0},
}


@respx.mock
def test_labels_of_scored_rows_are_given_and_what_they_tell_is_printed(tmp_path, capsys):
    place = f"{ROOT}/models/fraud%40production/feedback"
    given = respx.post(place).mock(return_value=httpx.Response(200, json=FEEDBACK))
    respx.get(place).mock(return_value=httpx.Response(200, json=FEEDBACK))
    rows = tmp_path / "rows.ndjson"
    rows.write_text('{"amount": 900, "fraud": true}\n\n{"amount": 3, "fraud": 0}\n')
    command = ["models", "feedback", "fraud@production"]
    assert main([*command, str(rows), "--label-column", "fraud"]) == 0
    assert json.loads(given.calls[0].request.content) == {
        "data": [{"amount": 900}, {"amount": 3}],
        "labels": [True, False],
    }
    told = capsys.readouterr().out
    assert [line.split(maxsplit=1) for line in told.splitlines()] == [
        ["model", "fraud@3"],
        ["labels", "2, 1 of them anomalies"],
        ["threshold", "0.5, 2 labelled rows reach it"],
        ["precision", "0.500"],
        ["suggested", "0.700, with precision 1.000"],
    ]
    assert main(command) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            '{"amount": 3}',
            "has no label: 'label' must be true or 1 for an anomaly, false or 0 for a normal row.",
        ),
        ('{"amount": 3, "label": "no"}', "has no label"),
        ("amount,label", "is no JSON object; give one row per line (NDJSON)."),
    ],
)
def test_rows_without_labels_are_refused_by_their_line(tmp_path, capsys, line, says):
    rows = tmp_path / "rows.ndjson"
    rows.write_text('{"amount": 1, "label": 1}\n' + line + "\n")
    assert main(["models", "feedback", "fraud", str(rows)]) == 2
    assert f"Line 2 of '{rows}' {says}" in capsys.readouterr().err
