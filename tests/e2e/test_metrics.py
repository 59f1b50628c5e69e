"""Figures of a whole server with two API processes: the same totals whoever answers, and never less."""

from __future__ import annotations

import contextlib
import json
import signal

import httpx
import psutil
import pytest

ROWS = [[float(row % 7), float(row % 5)] for row in range(48)] + [[90.0, -80.0], [None, 3.0]]


class Server:
    """A running server and its figures."""

    def __init__(self, running) -> None:
        self.running = running
        self._headers = {"X-API-Key": running.api_key}

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Over a connection of its own, so that any of the processes may answer."""
        return httpx.get(
            f"{self.running.base_url}/api/v1{path}", headers={**self._headers, **headers}, timeout=60
        )

    def figures(self) -> dict[str, float]:
        answer = self.get("/metrics")
        assert answer.status_code == 200, answer.text
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def api_processes(self) -> list[psutil.Process]:
        api = self.running.part("api")
        assert api is not None
        return [child for child in api.children(recursive=True) if not child.children()]


@pytest.fixture(scope="module")
def server(pair):
    return Server(pair)


def counted(endpoint: str, status: int, method: str = "GET") -> str:
    return f'pynomaly_http_requests_total{{method="{method}",endpoint="{endpoint}",status="{status}"}}'


def test_every_request_is_counted_once_whoever_answers_it(server, eventually):
    mine, strays = counted("whoAmI", 200), counted("none", 404)
    timed = 'pynomaly_request_duration_seconds_count{endpoint="whoAmI"}'
    before = server.figures()

    def new() -> list[float]:
        read = server.figures()
        return [read.get(name, 0) - before.get(name, 0) for name in (mine, strays, timed)]

    for number in range(40):
        assert server.get("/me").status_code == 200
        assert server.get(f"/nowhere/{number}").status_code == 404
    eventually(lambda: new() == [40, 40, 40])
    for _ in range(20):
        assert new() == [40, 40, 40]


def test_a_detection_is_counted_with_what_it_found(server, eventually):
    body = {"data": ROWS, "algorithm": "ecod", "contamination": 0.1}
    answer = httpx.post(
        f"{server.running.base_url}/api/v1/detect",
        json=body,
        headers={"X-API-Key": server.running.api_key},
        timeout=60,
    )
    n_anomalies = answer.json()["n_anomalies"]
    assert n_anomalies > 0
    labels = '{algorithm="ecod",dataset="request"}'
    eventually(lambda: f"pynomaly_rows_scored_total{labels}" in server.figures())
    read = server.figures()
    assert read[f"pynomaly_rows_scored_total{labels}"] == 50
    assert read[f"pynomaly_anomalies_detected_total{labels}"] == n_anomalies
    assert read['pynomaly_model_inference_seconds_count{algorithm="ecod",work="detect"}'] == 1
    assert read['pynomaly_data_quality_score{dataset="request"}'] == pytest.approx(0.99)


def test_every_part_says_whether_it_is_up(server):
    read = server.figures()
    up = {name for name in read if name.startswith("pynomaly_part_up") and read[name] == 1}
    assert up == {f'pynomaly_part_up{{part="{part}"}}' for part in ("database", "broker", "workers")}


def test_prometheus_gets_the_form_it_asks_for(server):
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    assert server.get("/metrics", Accept=accept).headers["Content-Type"] == (
        "text/plain; version=0.0.4; charset=utf-8"
    )


def test_labels_stay_few_whatever_is_asked_for(server):
    before = set(server.figures())
    for number in range(30):
        server.get(f"/jobs/job_{number:032}")
        server.get(f"/{number}/{number}")
        httpx.request(f"M{number}", f"{server.running.base_url}/api/v1/me", timeout=60)
    new = {name for name in server.figures() if name not in before and "requests_total" in name}
    assert len(new) <= 4


def test_a_killed_process_takes_no_count_back(server, eventually):
    server.get("/me")
    before = server.figures()
    victim, *_ = server.api_processes()
    victim.send_signal(signal.SIGKILL)
    eventually(lambda: not victim.is_running() or victim.status() == psutil.STATUS_ZOMBIE)
    after = {}

    def answered() -> bool:
        with contextlib.suppress(httpx.HTTPError):  # a connection that the killed one had taken
            after.update(server.figures())
        return bool(after)

    eventually(answered)
    counters = [name for name in before if "_total{" in name or "_count{" in name or "_bucket{" in name]
    assert counters
    assert [name for name in counters if after.get(name, 0) < before[name]] == []


def test_the_doctor_finds_a_running_server_well(server):
    said = server.running.run_pynomaly("doctor", "--data-dir", str(server.running.data_dir), "--json")
    findings = {finding["check"]: finding for finding in json.loads(said.stdout)["findings"]}
    assert said.returncode == 0, said.stdout
    for check in ("database", "schema", "broker", "workers", "storage", "server"):
        assert findings[check]["status"] == "ok", findings[check]
