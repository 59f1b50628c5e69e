"""Log files of the children."""

import io
import json

import pytest

from pynomaly_server.runtime import logs


def test_a_log_file_is_bounded_and_keeps_the_latest(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "FILE_BYTES", 100)
    file = logs.LogFile(tmp_path / "api.log")
    for number in range(100):
        file.write(b"line %04d\n" % number)
    file.close()
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["api.log", "api.log.1", "api.log.2"]
    assert all(path.stat().st_size <= 100 for path in kept)
    assert (tmp_path / "api.log").read_bytes().endswith(b"line 0099\n")


def test_everything_goes_to_the_file_and_errors_alone_to_the_terminal(tmp_path):
    told = []
    printed = (
        b'{"level": "info", "event": "started"}\n{"level": "error", "event": "lost the database"}\nplain text'
    )
    pump = logs.LogPump("api", io.BytesIO(printed), tmp_path / "api.log", told.append)
    pump.run()
    assert (tmp_path / "api.log").read_bytes() == printed + b"\n"
    assert told == ["[api] lost the database"]
    assert pump.last_lines[-1] == "plain text"


def test_of_a_trace_its_last_line_alone_goes_to_the_terminal(tmp_path):
    told = []
    printed = b"Traceback (most recent call last):\n  File 'x.py', line 1\n    f()\nValueError: ERROR\nfine\n"
    logs.LogPump("worker", io.BytesIO(printed), tmp_path / "worker.log", told.append).run()
    assert told == ["[worker] ValueError: ERROR"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (json.dumps({"level": "info", "event": "an ERROR was handled"}), None),
        (json.dumps({"level": "ERROR", "event": "boom", "job_id": "job_1"}), "boom job_id=job_1"),
        (
            "[2025-01-01 00:00:00,000: ERROR/MainProcess] boom",
            "[2025-01-01 00:00:00,000: ERROR/MainProcess] boom",
        ),
        ("[INFO] no errors here", None),
        ("", None),
        ("17", None),
    ],
)
def test_what_is_worth_telling(line, told):
    assert logs.worth_telling(line) == told
