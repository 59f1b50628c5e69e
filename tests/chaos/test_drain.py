"""API processes that are told to end under load answer whatever they have taken on."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest
from tests.postgres import postgres_server

from pynomaly import PynomalyClient, PynomalyError

from .parts import Server, Valkey, free_port, until  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"
ROWS = [[float(row * 37 % 101), float(row % 7)] for row in range(50)]
TABLE = b"amount,items\n" + b"".join(b"%d,%d\n" % (x, y) for x, y in ROWS)
KEEPERS, CLIENTS = 12, 4
BETWEEN = 200
"""Answers that are waited for before a process is told to end, so that it ends under load."""


@dataclass
class Seen:
    """What callers have seen of their uploads, by name."""

    answered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    last_at: float = 0.0

    def answer(self, name: str) -> None:
        self.answered.append(name)
        self.last_at = time.monotonic()


def keep_alive(port: int, key: str, caller: str, seen: Seen, end: threading.Event) -> None:
    """Upload one table after the other over a connection that stays open, until nobody listens any more."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    number = 0
    while not end.is_set():
        name = f"{caller}-{number}"
        number += 1
        try:
            if connection.sock is None:
                connection.connect()
        except ConnectionRefusedError:
            return
        except OSError:
            continue  # it was reset before anything was sent
        try:
            connection.request("POST", f"/api/v1/datasets?name={name}", TABLE, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            seen.unanswered.append(name)
            connection.close()
            continue
        (seen.answer if answer.status == 201 else seen.refused.append)(name)


def upload(client: PynomalyClient, caller: str, seen: Seen, end: threading.Event) -> None:
    """Upload one table after the other with the client, which repeats what was not answered."""
    number = 0
    while not end.is_set():
        name = f"{caller}-{number}"
        number += 1
        try:
            client.upload_dataset(ROWS, name)
        except PynomalyError as error:
            seen.failed.append(f"{name}: {error!r}")
        else:
            seen.answer(name)


def waited(port: int, key: str, path: str) -> tuple[int, str]:
    """The status and the whole body of what is answered once there is nothing more to wait for."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", f"/api/v1/jobs/{path}", headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="starts six processes: `make chaos`")
def test_no_accepted_request_is_lost_while_api_processes_end_under_load(tmp_path):
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE drain")
        valkey = Valkey(tmp_path / "valkey")
        stack.callback(valkey.kill)
        limits = {"rate_limit": "off", "rate_limit_address": "off"}
        broker = f"redis://127.0.0.1:{valkey.port}/0"
        server = Server(tmp_path, postgres.get_uri("drain"), broker, limits)
        stack.callback(server.stop)
        server.run("migrate")
        key = server.run("keys", "create", "drain").strip()
        ports = [free_port(), free_port(), free_port()]
        apis = [server.start("api", "--port", str(port), "--workers", "2") for port in ports]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        seen, end = Seen(), threading.Event()
        client = stack.enter_context(
            PynomalyClient(key, urls[0], base_urls=urls[1:], timeout=120, max_retries=8)
        )
        for url in urls:
            probe = stack.enter_context(PynomalyClient(key, url, max_retries=0))
            until(lambda probe=probe: _is_up(probe), "the API to be up")
        # There is no worker, so it stays queued.
        job_id = client.batch_detect(data_sources=[ROWS], algorithm="mad").job_id
        began = time.monotonic()
        after_the_signal = []
        with ThreadPoolExecutor(len(ports) * KEEPERS + CLIENTS + 4) as callers:
            waits = [
                callers.submit(waited, port, key, path)
                for port in ports[:2]
                for path in (f"{job_id}?wait=60", f"{job_id}/events")
            ]
            callings = [
                callers.submit(keep_alive, port, key, f"keeper-{port}-{each}", seen, end)
                for port in ports
                for each in range(KEEPERS)
            ]
            callings += [
                callers.submit(upload, client, f"client-{each}", seen, end) for each in range(CLIENTS)
            ]
            for api in apis[:2]:
                enough = len(seen.answered) + BETWEEN
                until(lambda enough=enough: len(seen.answered) >= enough, "the load to go on")
                told = time.monotonic()
                api.popen.send_signal(signal.SIGTERM)
                status = api.popen.wait(60)
                after_the_signal.append((status, seen.last_at > told))
            enough = len(seen.answered) + BETWEEN
            until(lambda: len(seen.answered) >= enough, "the last to serve on")
            end.set()
            for calling in callings:
                calling.result()
        answers = [wait.result() for wait in waits]
        rate = len(seen.answered) / (time.monotonic() - began)
        with psycopg.connect(postgres.get_uri("drain")) as connection:
            stored = Counter(
                name
                for (name,) in connection.execute(
                    "SELECT name FROM datasets WHERE name LIKE '%-%'"
                ).fetchall()
            )
    print(
        f"{len(seen.answered):,} uploads answered at {rate:,.0f} a second, {len(seen.refused)} refused, "
        f"{len(seen.unanswered)} never taken on"
    )
    assert after_the_signal == [(0, True), (0, True)]
    assert [(status, '"queued"' in body) for status, body in answers] == [(200, True)] * 4
    assert not any("refused to gracefully stop" in api.log.read_text() for api in apis)
    assert seen.failed == []
    # What reaches a connection at the moment at which it is closed was not taken on, and has left nothing.
    assert stored == Counter(seen.answered)


def _is_up(client: PynomalyClient) -> bool:
    try:
        return bool(client.auth.who_am_i())
    except PynomalyError:
        return False
