"""The progress of a job in a real terminal."""

import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest
from tests.unit.javascript.conftest import PACKAGE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")

PROGRAM = """
import { PynomalyClient } from "./dist/index.js";
import { FakeServer } from "./dist/testing.js";
const job = (state, done) => ({ job_id: "job_1", state, progress: { done, total: 4000, stage: "scoring" } });
const server = new FakeServer().answer("getJobStatus", job("running", 1000), job("succeeded", 4000));
const client = new PynomalyClient({ apiKey: "pyn_x", baseUrl: server.url, fetch: server.fetch });
await client.jobs.resume("job_1").wait({ progress: true });
"""


def test_a_terminal_has_one_line_that_fits_and_is_drawn_over_itself(finder):
    (node, *_) = finder.find_nodes()
    assert finder.build(node) == 0
    terminal, end = pty.openpty()
    ioctl(end, TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    command = [node.path, "--input-type=module", "--eval", PROGRAM]
    subprocess.run(command, cwd=PACKAGE, stderr=end, check=True, timeout=60)
    os.close(end)
    drawn = b""
    while chunk := _read(terminal):
        drawn += chunk
    os.close(terminal)
    first, second = (line.decode().rstrip() for line in drawn.removesuffix(b"\r\n").split(b"\r")[1:])
    assert first == "scoring   [########......................]  25% 1,000/4,000"
    assert second == "scoring   [##############################] 100% 4,000/4,000"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1024)
    except OSError:  # the other end is closed
        return b""
