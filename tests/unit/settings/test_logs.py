"""Log lines: one form for all of them, and no secret in any."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager

import pytest
import structlog

from pynomaly_server.auth.keys import new_key
from pynomaly_server.logs import configure_logging, redact
from pynomaly_server.problems import Fault, ProblemError
from pynomaly_server.redaction import HIDDEN
from pynomaly_server.settings import Settings


@pytest.fixture
def lines(tmp_path, capfd):
    """Configures logging for a block, and gives the lines that were written in it."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    @contextmanager
    def written():
        # Not in the fixture itself: between setup and test, pytest takes another stream for stderr.
        configure_logging(Settings.load(data_dir=tmp_path, log_level="info", log_format="json"))
        found = []
        yield found
        found += [json.loads(line) for line in capfd.readouterr().err.splitlines()]

    yield written
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_our_lines_are_json_with_the_ids_of_request_and_job(lines):
    with lines() as found, structlog.contextvars.bound_contextvars(request_id="req_1", job_id="job_1"):
        structlog.get_logger("pynomaly.test").info("something", rows=3)
    [line] = found
    assert {name: line[name] for name in ("event", "rows", "level", "logger", "request_id", "job_id")} == {
        "event": "something",
        "rows": 3,
        "level": "info",
        "logger": "pynomaly.test",
        "request_id": "req_1",
        "job_id": "job_1",
    }


def test_lines_of_libraries_look_the_same(lines):
    with lines() as found:
        logging.getLogger("celery.worker").warning("lost %s", "connection")
    [line] = found
    assert (line["event"], line["level"], line["logger"]) == ("lost connection", "warning", "celery.worker")


def test_chatter_of_libraries_is_left_out(lines):
    with lines() as found:
        logging.getLogger("sqlalchemy.engine").info("SELECT 1")
        structlog.get_logger("pynomaly.test").debug("detail")
    assert found == []


def test_a_key_is_hidden_wherever_it_stands(lines):
    plain, _ = new_key()
    with lines() as found:
        error = ValueError(f"bad key {plain}")
        structlog.get_logger("pynomaly.test").error(
            f"failed with {plain}", inner={"a": [plain]}, exc_info=error
        )
    [line] = found
    assert plain not in json.dumps(line)
    assert HIDDEN in line["event"]


@pytest.mark.parametrize(
    "name", ["api_key", "X-API-Key", "Authorization", "access_token", "secret", "db_password"]
)
def test_values_of_secret_names_are_hidden_at_any_depth(name):
    event = redact(None, "info", {name: "s3cret", "headers": {name: "s3cret"}})
    assert event == {name: HIDDEN, "headers": {name: HIDDEN}}


def test_passwords_in_urls_and_bearer_tokens_are_hidden():
    event = redact(None, "info", {"event": "redis://u:pw@h and Bearer abc.def"})
    assert event["event"] == f"redis://{HIDDEN}@h and Bearer {HIDDEN}"


SECRETS = {
    "an API key": "pyn_3kT9xQ2a_" + "A" * 49,
    "a refresh token": "pyr_3kT9xQ2abcde_" + "B" * 65,
    "an access token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl",
    "a webhook's secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "a password in a URL": "postgresql://user:hunter2@db/pynomaly",
    "a signed URL": "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=0badc0de&X-Amz-Expires=60",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_is_shaped_like_a_secret_is_hidden_wherever_it_stands(secret):
    planted = f"could not read {secret} at all"
    event = redact(None, "info", {"event": planted, "detail": {"inner": [planted]}, "exception": planted})
    problem = ProblemError("validation", planted, [Fault(f"/{secret}", planted)]).document("req_1")
    said = json.dumps([event, problem])
    for part in (secret, "hunter2", "0badc0de"):
        assert part not in said
    assert said.count(HIDDEN) == 6


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\0", "\x85", "\u2028", "\u202e"])
def test_nothing_that_is_logged_can_pass_for_a_line_or_move_the_cursor(character):
    event = redact(None, "info", {"event": f"a{character}b", "path": f"/{character}[error] forged"})
    assert character not in event["event"] + event["path"]
    assert event["event"] == "a" + character.encode("unicode_escape").decode() + "b"


def test_a_traceback_keeps_its_lines_and_nothing_else():
    event = redact(None, "error", {"event": "e", "exception": "Traceback\n\tat x\x1b[2J"})
    assert event["exception"] == "Traceback\n\tat x\\x1b[2J"
