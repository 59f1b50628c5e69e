"""The client for Node, and its examples, against a whole server that stops in the end."""

import json
import os
import socket
import subprocess
import threading
import time

from tests.unit.javascript.conftest import PACKAGE, find

PATIENCE = 300


def test_the_client_for_node_works_against_a_server_until_it_stops_and_after(start, tmp_path):
    """vitest runs `js-sdk/tests/e2e`: detection, jobs, webhooks, errors, examples, and then the outage."""
    finder = find()
    (node, *_) = finder.find_nodes()
    assert finder.installed(), "js-sdk/node_modules is not what the lock says; run `make install-dev`"
    assert finder.build(node) == 0
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    running = start(PYNOMALY_OUTBOUND_ALLOW=f"127.0.0.1:{port}")
    stop_file = tmp_path / "stop"
    over = threading.Event()

    def stop_when_told() -> None:
        while not over.is_set() and not stop_file.exists():
            time.sleep(0.1)
        if not over.is_set():
            running.server.stop()

    watcher = threading.Thread(target=stop_when_told)
    watcher.start()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYNOMALY_")}
    env |= {
        "XDG_CONFIG_HOME": str(running.config_home),
        "WEBHOOK_PORT": str(port),
        "STOP_FILE": str(stop_file),
        "NO_COLOR": "1",
    }
    try:
        done = subprocess.run(
            [
                node.path,
                "node_modules/vitest/vitest.mjs",
                "run",
                "--config",
                "vitest.e2e.config.ts",
                "--reporter=json",
            ],
            cwd=PACKAGE,
            env=env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        over.set()
        watcher.join()
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert told["numPassedTests"] == told["numTotalTests"] >= 16
