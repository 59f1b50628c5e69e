"""Log files of the children: bounded on disk, with the errors shown on the terminal too."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

FILE_BYTES = 5 * 1024 * 1024
OLD_FILES = 2
LONGEST_LINE = 64 * 1024
REMEMBERED_LINES = 20

_PLAIN_ERROR = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b")
# What has none of these words neither says an error nor is at the level of one: it need not be parsed.
_MAY_BE_LOUD = re.compile("error|critical|exception|fatal", re.IGNORECASE)
_TRACE = "Traceback (most recent call last):"
_LOUD = frozenset({"error", "critical", "exception", "fatal"})


class LogFile:
    """A log file that is renamed to `.1`, `.2` when it has grown to `FILE_BYTES`; the oldest is dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")

    def write(self, line: bytes) -> None:
        """Append `line`, which ends in a line break."""
        if self._file.tell() + len(line) > FILE_BYTES:
            self._rotate()
        self._file.write(line)
        self._file.flush()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(OLD_FILES, 0, -1):
            younger = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if younger.exists():
                younger.replace(self.path.with_name(f"{self.path.name}.{number}"))
        self._file = self.path.open("ab")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class LogPump(threading.Thread):
    """Carries what a child prints into its log file, and its errors to `tell` as well.

    Args:
        name: of the child, put before each error that is shown.
        source: the child's output.
        path: of the log file.
        tell: gets a line for the person at the terminal.
    """

    def __init__(self, name: str, source: IO[bytes], path: Path, tell: Callable[[str], None]) -> None:
        super().__init__(name=f"log of {name}", daemon=True)
        self.child = name
        self.last_lines: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._source = source
        self._path = path
        self._tell = tell
        self._in_trace = False

    def run(self) -> None:
        """Read until the child and all its own children have closed their output."""
        file = LogFile(self._path)
        try:
            while line := self._source.readline(LONGEST_LINE):
                file.write(line if line.endswith(b"\n") else line + b"\n")
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(text)
                if loud := self._worth_telling(text):
                    self._tell(f"[{self.child}] {loud}")
        except ValueError:
            pass  # closed by `stop`
        finally:
            file.close()

    def _worth_telling(self, line: str) -> str | None:
        """Of a trace the line that ends it, which names the error; otherwise what the line itself says."""
        if line == _TRACE:
            self._in_trace = True
        elif self._in_trace and line and not line[0].isspace():
            self._in_trace = False
            return line
        return None if self._in_trace else worth_telling(line)


def worth_telling(line: str) -> str | None:
    """The short form of a log line that a person at the terminal should see, or None.

    Lines are JSON objects of our own log, or what a library or the interpreter printed.
    """
    if not _MAY_BE_LOUD.search(line):
        return None
    try:
        said: Any = json.loads(line)
    except ValueError:
        return line if _PLAIN_ERROR.search(line) else None
    if not isinstance(said, dict) or str(said.get("level", "")).lower() not in _LOUD:
        return None
    event = str(said.get("event") or said.get("message") or "error")
    details = {key: said[key] for key in ("job_id", "request_id", "error", "exc_type") if said.get(key)}
    return " ".join([event, *(f"{key}={value}" for key, value in details.items())])
