"""What the commands say when something is wrong: one line with a remedy, an exit status and no traceback."""

import io
import socket

import pytest
from tests.unit.sdk.conftest import KEY

from pynomaly.cli import main
from pynomaly.cli.completion.tree import command_tree
from pynomaly.cli.program import make_parser
from pynomaly.profile import write_profile

DATASET_ID, JOB_ID = "dts_" + "1" * 32, "job_" + "1" * 32
ASKING = {
    ("detect",): ["FILE"],
    ("evaluate",): ["FILE", "--label-column", "odd"],
    ("train",): ["FILE", "--name", "mine"],
    ("predict",): ["mine@production", "FILE"],
    ("models", "list"): [],
    ("models", "versions"): ["mine"],
    ("models", "show"): ["mine"],
    ("models", "alias"): ["mine", "production", "1"],
    ("models", "rollback"): ["mine", "production"],
    ("models", "drift"): ["mine"],
    ("models", "feedback"): ["mine"],
    ("models", "unalias"): ["mine", "production"],
    ("models", "export"): ["mine", "mine.pynomaly"],
    ("models", "import"): ["FILE"],
    ("models", "delete"): ["mine"],
    ("datasets", "list"): [],
    ("datasets", "show"): [DATASET_ID],
    ("datasets", "upload"): ["FILE"],
    ("datasets", "profile"): [DATASET_ID],
    ("datasets", "delete"): [DATASET_ID],
    ("batch", "run"): ["FILE"],
    ("batch", "list"): [],
    ("batch", "show"): [JOB_ID],
    ("batch", "cancel"): [JOB_ID],
    ("batch", "download"): [JOB_ID, "out.csv"],
    ("jobs", "list"): [],
    ("jobs", "show"): [JOB_ID],
    ("jobs", "cancel"): [JOB_ID],
    ("jobs", "download"): [JOB_ID, "out.csv"],
    ("algorithms",): [],
    ("health",): [],
    ("login",): ["ada"],
    ("users", "create"): ["ada", "--role", "viewer"],
    ("users", "list"): [],
    ("users", "role"): ["ada", "viewer"],
    ("users", "password"): ["ada"],
    ("users", "disable"): ["ada"],
    ("users", "enable"): ["ada"],
    ("users", "delete"): ["ada"],
    ("keys", "create"): ["mine"],
    ("keys", "list"): [],
    ("keys", "rotate"): ["key_1"],
    ("keys", "revoke"): ["key_1"],
}
# They ask no server: nobody is logged in here.
ALONE = {("logout",), ("config", "set"), ("config", "unset"), ("completion",)}
READING = [("detect",), ("evaluate",), ("datasets", "upload"), ("predict",), ("train",), ("batch", "run")]


@pytest.fixture(autouse=True)
def _no_other_commands(monkeypatch):
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("amount,odd\n1,0\n2,0\n95,1\n")
    return str(path)


@pytest.fixture
def stopped(monkeypatch):
    """A profile whose server is not running, and nobody who waits for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    write_profile(base_url=address, api_key=KEY)
    monkeypatch.setattr("pynomaly.transport.colours.SystemClock.sleep", lambda self, seconds: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n" * 2))
    return address


def complaint(capsys, status: int, *arguments: str) -> str:
    """The only line that a command says, which ends with `status`."""
    assert main(arguments) == status
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("pynomaly: ")
    return lines[0].removeprefix("pynomaly: ")


def written(path: tuple[str, ...], file: str) -> list[str]:
    return [*path, *(file if word == "FILE" else word for word in ASKING[path])]


def test_no_command_is_left_out_here():
    leaves = {each.path for each in command_tree(make_parser()).walk() if not each.commands}
    assert leaves == set(ASKING) | ALONE


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
def test_a_server_that_is_stopped_is_named_with_what_to_check(path, stopped, table, capsys):
    said = complaint(capsys, 1, *written(path, table))
    # What may not be repeated is tried once.
    assert said.removesuffix(" [after 4 attempts]") == (
        f"Cannot connect to {stopped}: [Errno 111] Connection refused. Check the address in `--base-url`, "
        "PYNOMALY_BASE_URL or `pynomaly config set base_url`, and that the server runs (`pynomaly serve` "
        "starts one on this machine)."
    )


@pytest.mark.parametrize("path", READING, ids=" ".join)
def test_a_file_that_is_not_there_is_named_with_the_folder_it_was_looked_for_in(path, stopped, capsys):
    assert complaint(capsys, 2, *written(path, "gone.csv")).startswith(
        "There is no file 'gone.csv' (looked from "
    )


@pytest.mark.parametrize("path", READING, ids=" ".join)
def test_a_folder_is_no_table(path, stopped, tmp_path, capsys):
    assert complaint(capsys, 2, *written(path, str(tmp_path))) == (
        f"{str(tmp_path)!r} is not a file. Name one file."
    )


@pytest.mark.parametrize("path", READING, ids=" ".join)
def test_a_file_of_an_unknown_kind_is_refused_with_the_kinds_that_are_known(path, stopped, tmp_path, capsys):
    (tmp_path / "a.docx").write_bytes(b"PK")
    said = complaint(capsys, 2, *written(path, str(tmp_path / "a.docx")))
    assert "The extension '.docx'" in said
    assert "known are .arrow, .arrows, .csv," in said


def test_labels_that_are_not_there_are_named_before_anything_is_sent(stopped, table, capsys):
    assert "There is no file 'gone.csv'" in complaint(capsys, 2, "evaluate", table, "--labels", "gone.csv")


def test_an_evaluation_without_labels_says_how_to_give_them(stopped, table, capsys):
    assert complaint(capsys, 2, "evaluate", table) == (
        "There are no labels. Give --labels FILE, or --label-column NAME of the file."
    )


def test_a_download_that_cannot_be_written_is_named_before_anything_is_asked(stopped, tmp_path, capsys):
    said = complaint(capsys, 2, "batch", "download", JOB_ID, str(tmp_path / "none" / "out.csv"))
    assert said.startswith(f"{tmp_path}/none: No such file or directory. Make the folder it is in first, or")
    (tmp_path / "sub.csv").mkdir()
    said = complaint(capsys, 2, "batch", "download", JOB_ID, str(tmp_path / "sub.csv"))
    assert said == f"{tmp_path}/sub.csv: Is a directory. It is a folder; name a file."


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        (
            "{folder}/none/out.csv",
            "{folder}/none: No such file or directory. Make the folder it is in first, or",
        ),
        ("{folder}/sub.csv", "{folder}/sub.csv: Is a directory. It is a folder; name a file."),
        ("out.docx", "The suffix '.docx' of 'out.docx' is not one of .csv, .html, .json, .ndjson, .parquet"),
    ],
)
@pytest.mark.parametrize("asking", ["detect", "predict"])
def test_an_output_that_cannot_be_written_is_named_before_anything_is_sent(
    asking, target, fault, stopped, table, tmp_path, capsys
):
    (tmp_path / "sub.csv").mkdir()
    command = ["detect", table] if asking == "detect" else ["predict", "mine", table]
    said = complaint(capsys, 2, *command, "--output", target.format(folder=tmp_path))
    assert said.startswith(fault.format(folder=tmp_path))


@pytest.mark.parametrize(
    "arguments",
    [
        ["detect", "a.csv", "--contamination", "0.7"],
        ["detect", "a.csv", "--top", "-1"],
        ["datasets", "list", "--limit", "many"],
        ["health", "--timeout", "0"],
        ["health", "--timeout", "nan"],
        ["keys", "rotate", "key_1", "--overlap", "soon"],
        ["batch", "list", "--state", "lost"],
        ["batch"],
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense_are_status_two_and_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: pynomaly ")
