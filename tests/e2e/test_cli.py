"""The command `pynomaly` on a real server."""

import io
import json

import pytest
from tests.e2e.test_examples import EXAMPLES
from tests.unit.sdk.test_cli_faults import ASKING, READING, complaint, written

from pynomaly.cli import main

PAYMENTS, LABELS = str(EXAMPLES / "transactions.csv"), str(EXAMPLES / "transactions_labels.csv")


@pytest.fixture(autouse=True)
def _server(stack, monkeypatch):
    monkeypatch.setenv("PYNOMALY_BASE_URL", stack.base_url)
    monkeypatch.setenv("PYNOMALY_API_KEY", stack.api_key)
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])


@pytest.fixture
def labelled(tmp_path):
    """Forty-eight rows with two that are odd, and a column that says so."""
    path = tmp_path / "labelled.csv"
    odd = {12, 31}
    rows = [
        f"{900 if n in odd else 40 + n % 7},{20 + n % 5},{'bad' if n in odd else 'good'}" for n in range(48)
    ]
    path.write_text("\n".join(["amount,hour,verdict", *rows]))
    return str(path)


def test_labels_of_another_table_are_matched_by_the_identifier(capsys):
    assert main(["evaluate", PAYMENTS, "--labels", LABELS, "--label-column", "is_anomaly", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["n_rows"], found["n_labelled"], found["algorithm"]) == (2000, 20, "isolation_forest")
    assert found["roc_auc"] > 0.9
    assert main(["evaluate", PAYMENTS, "--labels", LABELS, "--label-column", "is_anomaly"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "2,000 rows, 20 of them labelled anomalous; labels matched by transaction_id"


def test_labels_in_the_table_itself_are_kept_from_the_model(labelled, capsys, client):
    command = [
        "evaluate",
        labelled,
        "--label-column",
        "verdict",
        "--anomaly",
        "bad",
        "--contamination",
        "0.05",
    ]
    assert main([*command, "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["n_labelled"], found["roc_auc"], found["recall"]) == (2, 1.0, 1.0)
    unseen = client.detect_anomalies(labelled, contamination=0.05, features=["amount", "hour"])
    assert found["n_found"] == unseen.n_anomalies


def test_several_algorithms_are_compared_in_one_table(labelled, capsys):
    command = ["evaluate", labelled, "--label-column", "verdict", "--anomaly", "bad"]
    assert main([*command, "--algorithm", "ecod", "--algorithm", "hbos"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == [
        "algorithm",
        "ROC-AUC",
        "avg",
        "precision",
        "precision",
        "recall",
        "F1",
        "found",
    ]
    assert [line.split()[0] for line in lines[3:]] == ["ecod", "hbos"]


def test_an_algorithm_that_does_not_exist_leaves_the_others_compared(labelled, capsys):
    command = ["evaluate", labelled, "--label-column", "verdict", "--anomaly", "bad"]
    assert main([*command, "--algorithm", "ecod", "--algorithm", "magic"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].startswith("ecod ")
    assert said.err.startswith("pynomaly: magic: ")


def test_labels_that_are_all_alike_are_said_to_tell_nothing(labelled, tmp_path, capsys):
    (tmp_path / "labels.csv").write_text("label\n" + "0\n" * 48)
    assert main(["evaluate", labelled, "--labels", str(tmp_path / "labels.csv")]) == 0
    assert capsys.readouterr().err == (
        "pynomaly: note: The labels are all alike, so there is nothing that scores could tell apart.\n"
    )


def test_a_label_column_that_is_not_there_is_named_with_those_that_are(labelled, capsys):
    said = complaint(capsys, 1, "evaluate", labelled, "--label-column", "truth")
    assert "There is no column 'truth'" in said
    assert "verdict" in said


@pytest.mark.parametrize(
    "path", [path for path in ASKING if path not in {("health",), ("login",)}], ids=" ".join
)
def test_a_wrong_key_is_refused_with_where_to_look_for_it(path, labelled, capsys, monkeypatch):
    monkeypatch.setenv("PYNOMALY_API_KEY", "pyn_abcd1234_wrong")
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n" * 2))
    said = complaint(capsys, 1, *written(path, labelled))
    assert "(HTTP 401, " in said
    assert "`pynomaly config` says which was used" in said
    assert "wrong" not in said.split("(HTTP")[0] or "pyn_" not in said


def test_a_wrong_password_is_refused(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    said = complaint(capsys, 1, "login", "nobody")
    assert said.startswith(
        "There is no user with this username and this password in the tenant, or they are "
        "disabled. Check all three, or ask an admin of the tenant. (HTTP 401, unauthenticated, request "
    )
    assert said.endswith(")")


@pytest.mark.parametrize("path", [path for path in READING if path != ("predict",)], ids=" ".join)
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty.csv", b""),
        ("heading.csv", b"amount,odd\n"),
        ("image.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"),
        ("text.parquet", b"this is no table"),
        ("broken.json", b'[{"amount": 1}, {"am'),
        ("broken.npy", b"\x93NUMPY\1\0"),
    ],
)
def test_a_file_that_holds_no_table_is_refused_with_a_reason(path, name, body, tmp_path, capsys):
    (tmp_path / name).write_bytes(body)
    status = main(written(path, str(tmp_path / name)))
    said = capsys.readouterr()
    assert status in (1, 2)
    assert said.out == ""
    assert said.err.startswith("pynomaly: ")
    assert len(said.err.splitlines()) == 1


def test_an_output_without_permission_is_named(labelled, tmp_path, capsys, monkeypatch):
    target = tmp_path / "out.csv"
    target.mkdir()
    # Whoever runs the tests may be root, who may write anywhere.
    monkeypatch.setattr("pynomaly.cli.detections.check_target", lambda path: None)
    said = complaint(capsys, 2, "detect", labelled, "--output", str(target))
    assert said == f"{target}: Is a directory. It is a folder; name a file."
