"""The installation's secret key is changed on processes at work, by the steps of docs/production.md."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest
from tests.postgres import postgres_server

from pynomaly import PynomalyClient, PynomalyError

from .parts import Process, Server, Valkey, free_port, until  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"
OLD, NEW = "before-the-rotation-0123456789abcdef", "after-the-rotation-0123456789abcdef"
PASSWORD = "correct horse battery staple"
TOKEN_SECONDS = 10
RETURN_SECONDS = 7
"""A client whose calls were refused at an address leaves it alone for a while; then it is back at both."""
ROWS = [[float(row * 37 % 101), float(row % 7)] for row in range(59)] + [[900.0, 90.0]]
NAMED = [{"amount": amount, "items": items} for amount, items in ROWS]


@dataclass
class Called:
    """What callers were answered while the key changed."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)

    def go_on(self, call: Callable[[], object], end: threading.Event) -> None:
        """Call until the end."""
        while not end.wait(0.3):
            try:
                call()
            except PynomalyError as error:
                self.failed.append(repr(error))
            else:
                self.answered += 1


@dataclass
class Parts:
    """Two API processes, a worker and a sweeper, one after another started anew with other keys."""

    server: Server
    ports: list[int]
    running: dict[tuple[str, ...], Process] = field(default_factory=dict)

    def __post_init__(self) -> None:
        worker = ("worker", "--concurrency", "1")
        self.commands = [*(("api", "--port", str(port)) for port in self.ports), worker, ("sweeper",)]

    def restart_each(self, key: str, *former: str) -> None:
        self.server.settings |= {"secret_key": key, "secret_key_previous": " ".join(former)}
        for command in self.commands:
            process = self.running.get(command)
            if process is not None:
                process.popen.send_signal(signal.SIGTERM)
                process.popen.wait(60)
            self.running[command] = self.server.start(*command)
            if command[0] == "api":
                url = f"http://127.0.0.1:{command[-1]}"
                with PynomalyClient("pyn_nobody", url, max_retries=0) as client:
                    until(lambda client=client: _is_up(client), "the API to be up")
                if process is not None:
                    time.sleep(RETURN_SECONDS)


def _is_up(client: PynomalyClient) -> bool:
    try:
        return client.health_check().version != ""
    except PynomalyError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="starts thirteen processes: `make chaos`")
def test_no_caller_notices_that_the_secret_key_of_processes_at_work_is_changed(tmp_path):
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE rotation")
        valkey = Valkey(tmp_path / "valkey")
        stack.callback(valkey.kill)
        broker = f"redis://127.0.0.1:{valkey.port}/0"
        settings = {
            "access_token_seconds": TOKEN_SECONDS,
            "rate_limit": "off",
            "rate_limit_address": "off",
            "secret_key": OLD,
            "storage_url": (tmp_path / "objects").as_uri(),
        }
        server = Server(tmp_path, postgres.get_uri("rotation"), broker, settings)
        stack.callback(server.stop)
        server.run("migrate")
        key = server.run("keys", "create", "rotation").strip()
        seldom_used = server.run("keys", "create", "seldom used").strip()
        parts = Parts(server, [free_port(), free_port()])
        parts.restart_each(OLD)
        urls = [f"http://127.0.0.1:{port}" for port in parts.ports]

        def client(**who: str) -> PynomalyClient:
            return stack.enter_context(
                PynomalyClient(base_url=urls[0], base_urls=urls[1:], timeout=120, **who)
            )

        by_key = client(api_key=key)
        by_key.train_model(NAMED, "isolation_forest", "fraud", timeout=200)
        scores = by_key.predict_with_model("fraud", NAMED).scores
        by_key.users.create("ada", PASSWORD, "admin")
        by_password = client(username="ada", password=PASSWORD)
        assert by_password.predict_with_model("fraud", NAMED).scores == scores

        def job() -> None:
            assert (
                by_key.batch_detect(data_sources=[ROWS], algorithm="iqr").wait(timeout=200).state
                == "succeeded"
            )

        def same_scores(caller: PynomalyClient) -> None:
            assert caller.predict_with_model("fraud", NAMED).scores == scores

        called, end = Called(), threading.Event()
        with ThreadPoolExecutor() as callers:
            calls = [lambda: same_scores(by_key), lambda: same_scores(by_password), job]
            callings: list[Future[None]] = [callers.submit(called.go_on, call, end) for call in calls]
            try:
                parts.restart_each(OLD, NEW)
                parts.restart_each(NEW, OLD)
                told = server.run("keys", "rotate-installation")
                assert server.run("keys", "rotate-installation") != told  # it finds all of it taken over
                end.wait(TOKEN_SECONDS)
                parts.restart_each(NEW)
            finally:
                end.set()
            for calling in callings:
                calling.result()
        print(f"{called.answered:,} calls answered while the key changed\n{told}")
        assert called.failed == []
        assert called.answered > 50
        same_scores(client(api_key=seldom_used))
        same_scores(client(username="ada", password=PASSWORD))
        assert server.run("audit", "verify").strip().endswith(" sound")
