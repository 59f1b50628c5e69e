"""The command line speaks of options, variables and commands, never of arguments and methods of Python."""

import ast
import inspect
import re
from pathlib import Path

import httpx
import pytest
import respx
from tests.unit.sdk.conftest import KEY, ORIGIN

import pynomaly
from pynomaly import errors, remedies
from pynomaly._generated.models import Problem
from pynomaly.address import api_root
from pynomaly.cli import main
from pynomaly.errors import Attempt, PynomalyError, status_error
from pynomaly.frames.files import find_file
from pynomaly.jobs.states import still_running
from pynomaly.jobs.token import read_token, write_token
from pynomaly.profile import find_connection, read_profile
from pynomaly.remedies import Remedy
from pynomaly.transport.answer import Answer, decode
from pynomaly.transport.fault import classify

PYTHON = re.compile(
    r"Pynomaly\w*Client|JobHandle|\b\w+=(?![\w/])"
    r"|\bbase_url\b(?<!config set base_url)|\bapi_key\b(?<!config set api_key)"
    r"|\w\(\)|\bclient\.|\bpynomaly\.[A-Z]|\ba (list|dict|tuple)\b|\b(None|True|False)\b"
)
JOB = "job_" + "1" * 32
REMEDIES = {name: value for name, value in vars(remedies).items() if isinstance(value, Remedy)} | {
    "give_key": remedies.give_key("/p.json"),
    "take_up_later": remedies.take_up_later(JOB),
    "result_format": remedies.result_format("csv", ".csv"),
}


def pythonic(text: str) -> list[str]:
    return [found.group() for found in PYTHON.finditer(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Give api_key=.",
        "Check base_url and more.",
        "pass rows as a list",
        "PynomalyClient(api_key=...)",
        "call wait()",
    ],
)
def test_words_of_python_are_noticed(text):
    assert pythonic(text)


@pytest.mark.parametrize("name", REMEDIES)
def test_no_remedy_speaks_python_at_the_shell(name):
    assert pythonic(REMEDIES[name].shell) == []


@pytest.mark.parametrize("problem", [True, False], ids=["a problem document", "something else"])
@pytest.mark.parametrize("status", [301, *sorted(errors.STATUS_ERRORS), 418, 599])
def test_no_refusal_speaks_python_at_the_shell(status, problem):
    document = {"type": "t", "title": "t", "status": status, "detail": "No.", "code": "c", "request_id": "r"}
    told = Problem.model_validate(document) if problem else None
    assert pythonic(status_error(status, problem=told, request_id="r").shell_text()) == []


def faults(tmp_path: Path):
    """Every other error that a command can end in, as it is made where it happens."""
    root = f"{ORIGIN}/api/v1"
    request = httpx.Request("GET", root)
    feather = tmp_path / "a.arrow"
    feather.write_bytes(b"ARROW1")
    profile = tmp_path / "folder"
    profile.mkdir()
    nobody = {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    (tmp_path / "a.doc").write_text("")
    attempts = [Attempt(1, 0.0, 0.1, "503", wait=0.2), Attempt(2, 0.3, 0.1, "503")]
    late = errors.APITimeoutError("Late.", remedy=remedies.LONGER, attempts=attempts)
    from pynomaly.jobs.formats import download_target

    def raised(fault: Exception) -> None:
        found = classify(fault, origin=ORIGIN, wall_time=0.0)
        assert found is not None
        raise found.error

    def say(error: PynomalyError) -> None:
        raise error

    broken = httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ConnectError, httpx.ReadError, httpx.DecodingError
    for kind in broken:
        yield lambda kind=kind: raised(kind("it broke", request=request))
    yield lambda: raised(httpx.InvalidURL("bad"))
    yield lambda: find_file(tmp_path / "gone.csv")
    yield lambda: find_file(profile)
    yield lambda: find_file(tmp_path / "a.doc")
    yield lambda: find_file(feather)
    yield lambda: download_target(tmp_path / "a.doc", None)
    yield lambda: read_token("what", root)
    yield lambda: read_token(write_token(JOB, "https://other/api/v1"), root)
    yield lambda: find_connection(environ=nobody)
    yield lambda: read_profile(profile)
    for address in ("host", "https://user:word@host", "https://h?x=1", "http://h:99999"):
        yield lambda address=address: api_root(address)
    yield lambda: decode(Answer(200, {"content-type": "text/html"}, b"<p>"), errors.Attempt)
    yield lambda: say(still_running(JOB, None, 5.0, late))
    yield lambda: say(errors.CircuitOpenError(ORIGIN, "detect", retry_after=1.0, attempts=attempts))
    yield lambda: say(errors.JobFailedError(JOB, None))
    yield lambda: say(errors.JobCancelledError(JOB))
    yield lambda: say(errors.UnknownJobStateError(JOB, "lost"))
    yield lambda: say(late)


def test_no_other_error_speaks_python_at_the_shell(tmp_path):
    texts = []
    for fault in faults(tmp_path):
        with pytest.raises(PynomalyError) as caught:
            fault()
        texts.append(caught.value.shell_text())
    assert {text: pythonic(text) for text in texts if pythonic(text)} == {}


def test_a_text_without_two_wordings_is_the_same_for_both():
    error = errors.JobCancelledError(JOB)
    assert error.shell_text() == str(error)


def test_both_wordings_count_the_attempts_and_hide_keys():
    attempts = [Attempt(1, 0.0, 0.1, "503"), Attempt(2, 0.3, 0.1, "503")]
    error = errors.APIError(f"{KEY}.", remedy=Remedy("py", "sh"), ending="!", attempts=attempts)
    assert str(error) == "pyn_…. py! [after 2 attempts]"
    assert error.shell_text() == "pyn_…. sh! [after 2 attempts]"


# What these say is only reached from Python: what they take is given by no command.
OF_PYTHON = {
    "api_keys.py", "async_api_keys.py", "async_client.py", "client.py", "detector.py", "async_detector.py",
    "fallback.py", "requests.py", "session.py", "embedded.py", "results.py", "frames/kinds.py",
    "frames/rows.py", "frames/arrays.py", "transport/colours.py", "transport/bodies.py",
}  # fmt: skip
ERRORS = {
    name for name, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, PynomalyError)
}


def messages():
    home = Path(pynomaly.__file__).parent
    for path in sorted(home.rglob("*.py")):
        name = path.relative_to(home).as_posix()
        if name in OF_PYTHON or name.startswith(("_generated", "testing")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=error), args=[message, *_]) if error in ERRORS:
                    parts = [part.value for part in ast.walk(message) if isinstance(part, ast.Constant)]
                    yield f"{name}:{node.lineno}", " ".join(part for part in parts if isinstance(part, str))


def test_what_a_command_reaches_says_python_in_a_remedy_alone():
    found = list(messages())
    assert len(found) > 30
    # The fields of a profile have these names in its file, and `config set` takes them.
    of_files = {"profile.py", "cli/config.py"}
    assert {
        place: text for place, text in found if pythonic(text) and place.partition(":")[0] not in of_files
    } == {}


@respx.mock
@pytest.mark.parametrize("status", [401, 403, 405, 413, 429, 500])
def test_the_command_prints_the_shells_wording(status, monkeypatch, capsys):
    monkeypatch.setenv("PYNOMALY_API_KEY", KEY)
    monkeypatch.setenv("PYNOMALY_BASE_URL", ORIGIN)
    document = {"type": "t", "title": "t", "status": status, "detail": "No.", "code": "c", "request_id": "r"}
    answer = httpx.Response(status, json=document, headers={"Content-Type": "application/problem+json"})
    respx.post(url__startswith=ORIGIN).mock(return_value=answer)
    assert main(["models", "rollback", "mine", "production"]) == 1
    said = capsys.readouterr().err
    remedy = errors.STATUS_ERRORS[status].remedy
    assert remedy is not None
    assert remedy.shell in said
    assert pythonic(said) == []


@respx.mock
def test_the_servers_command_does_so_too_where_it_asks_over_http(monkeypatch, capsys):
    monkeypatch.setenv("PYNOMALY_API_KEY", KEY)
    document = {"type": "t", "title": "t", "status": 401, "detail": "No.", "code": "c", "request_id": "r"}
    answer = httpx.Response(401, json=document, headers={"Content-Type": "application/problem+json"})
    respx.get(url__startswith=ORIGIN).mock(return_value=answer)
    assert main(["keys", "list", "--base-url", ORIGIN]) != 0
    said = capsys.readouterr().err
    assert remedies.CHECK_KEY.shell in said
    assert pythonic(said) == []
