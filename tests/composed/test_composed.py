"""What docker-compose.yml starts, asked through its load balancer as callers ask it."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
import redis
import yaml
from tests.chaos.parts import until
from tests.composed.as_stack import started
from tests.composed.composition import ROOT
from tests.composed.running import APIS, LOCALHOST, Composed

from pynomaly import PynomalyClient

pytestmark = pytest.mark.slow
TABLE = (
    "amount,country\n"
    + "".join(f"{n * 37 % 50},{'FR' if n % 3 else 'DE'}\n" for n in range(99))
    + "9000,DE\n"
)
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
MOST_AT_ONCE = 100  # limit_conn of routes.conf


@dataclass
class Caller:
    """Somebody with a key, who can tell which API process has answered."""

    composed: Composed
    key: str

    def ask(self, method: str, path: str, **request) -> tuple[httpx.Response, str]:
        """The answer and the service that gave it."""
        request_id = f"test-{uuid4().hex}"
        headers = {"X-API-Key": self.key, "X-Request-Id": request_id, **request.pop("headers", {})}
        url = f"{self.composed.base_url}/api/v1{path}"
        answer = httpx.request(method, url, headers=headers, timeout=90, **request)
        assert answer.headers["X-Request-Id"] == request_id
        return answer, self.composed.server_of(request_id)

    def ask_each(self, method: str, path: str, **request) -> dict[str, httpx.Response]:
        """The answers of both API services, to one request that is sent until each has had it."""
        answers: dict[str, httpx.Response] = {}
        for _ in range(20):
            answer, service = self.ask(method, path, **request)
            answers.setdefault(service, answer)
            if len(answers) == len(APIS):
                return answers
        pytest.fail(f"20 requests all went to {set(answers)}")


@pytest.fixture(scope="module")
def composed(tmp_path_factory):
    with started(tmp_path_factory.mktemp("composed")) as composed:
        yield composed


@pytest.fixture(scope="module")
def caller(composed):
    return Caller(composed, composed.run("api-1", "pynomaly", "keys", "create", "first key"))


def both_processes_give_one_answer_to_one_detection(caller):
    request = {"data": [[1.0], [1.1], [0.9], [1.0], [30.0]], "contamination": 0.2}
    first, second = caller.ask_each("POST", "/detect", json=request).values()
    assert first.json()["scores"] == second.json()["scores"]
    assert first.json()["predictions"] == [0, 0, 0, 0, 1]


def a_retry_that_lands_on_the_other_process_makes_no_second_job(caller):
    headers = {"Idempotency-Key": uuid4().hex}
    dataset, _ = caller.ask("POST", "/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
    request = {"data_sources": [dataset.json()["dataset_id"]], "contamination": 0.01}
    answers = caller.ask_each("POST", "/batch", json=request, headers=headers).values()
    assert {answer.status_code for answer in answers} == {202}
    [job_id] = {answer.json()["job_id"] for answer in answers}
    ended, _ = caller.ask("GET", f"/jobs/{job_id}", params={"wait": 60})
    assert ended.json()["state"] == "succeeded"
    results = caller.ask_each("GET", f"/jobs/{job_id}/result", params={"only": "anomalies"}).values()
    assert [[row["row"] for row in result.json()["items"]] for result in results] == [[99], [99]]
    jobs, _ = caller.ask("GET", "/jobs")
    assert [job["job_id"] for job in jobs.json()["items"]] == [job_id]


def the_client_runs_a_batch_job_from_a_file_to_its_result(caller):
    path = caller.composed.folder / "table.csv"
    path.write_text(TABLE)
    with PynomalyClient(base_url=caller.composed.base_url, api_key=caller.key) as client:
        job = client.batch_detect(data_sources=[path], contamination=0.01)
        job.wait(timeout=120)
        assert job.result().n_anomalies == 1


def events_of_a_job_come_while_it_waits_and_until_it_has_ended(caller):
    dataset, _ = caller.ask("POST", "/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
    caller.composed.signal("worker", signal.SIGSTOP)
    states = []
    try:
        job, _ = caller.ask("POST", "/batch", json={"data_sources": [dataset.json()["dataset_id"]]})
        url = f"{caller.composed.base_url}/api/v1/jobs/{job.json()['job_id']}/events"
        with httpx.stream("GET", url, headers={"X-API-Key": caller.key}, timeout=90) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    states.append(json.loads(line.removeprefix("data:"))["state"])
                    caller.composed.signal("worker", signal.SIGCONT)
    finally:
        caller.composed.signal("worker", signal.SIGCONT)
    assert (states[0], states[-1]) == ("queued", "succeeded")


def a_model_trained_once_scores_alike_in_both_processes(caller):
    rows = [{"amount": n * 37 % 50, "country": "FR" if n % 3 else "DE"} for n in range(100)]
    job, _ = caller.ask("POST", "/models", json={"name": "payments", "data": rows})
    ended, _ = caller.ask("GET", f"/jobs/{job.json()['job_id']}", params={"wait": 60})
    assert ended.json()["state"] == "succeeded", ended.text
    caller.ask("PUT", "/models/payments/aliases/production", json={"version": 1})
    request = {"data": [{"amount": 31, "country": "DE"}, {"amount": 9000, "country": "DE"}]}
    answers = caller.ask_each("POST", "/models/payments@production/predict", json=request).values()
    first, second = (answer.json() for answer in answers)
    assert first["scores"] == second["scores"]
    assert (first["predictions"], first["model"]["version"]) == ([0, 1], 1)


def a_revoked_key_is_refused_by_both_processes(caller):
    made, _ = caller.ask("POST", "/api-keys", json={"name": "short-lived", "scopes": ["detect:run"]})
    holder = Caller(caller.composed, made.json()["key"])
    assert {answer.status_code for answer in holder.ask_each("GET", "/algorithms").values()} == {200}
    caller.ask("DELETE", f"/api-keys/{made.json()['api_key']['key_id']}")

    def refused():
        return {answer.status_code for answer in holder.ask_each("GET", "/algorithms").values()} == {401}

    until(refused, "both processes refuse a revoked key", 30)
    assert refused()


def an_address_that_the_caller_makes_up_is_not_believed(caller):
    invented = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    made, _ = caller.ask(
        "POST", "/api-keys", json={"name": "audited", "scopes": ["detect:run"]}, headers=invented
    )
    log, _ = caller.ask("GET", "/audit-log", params={"action": "createApiKey"})
    of_it = [each for each in log.json()["items"] if each["resource"] == made.json()["api_key"]["key_id"]]
    assert [each["address"] for each in of_it] == [LOCALHOST]


def prometheus_is_given_the_totals_of_all_processes_by_each(caller):
    """By the job of deploy/prometheus, with a key that may do nothing else."""
    [job] = [job for job in PROMETHEUS["scrape_configs"] if job["job_name"] == "pynomaly"]
    key = caller.composed.run("api-1", "pynomaly", "keys", "create", "prometheus", "--scope", "metrics:read")
    prometheus = Caller(caller.composed, key)

    def detections(answer):
        return re.findall(r'^pynomaly_rows_scored_total\{.*"request".*$', answer.text, re.MULTILINE)

    def agreed():
        answers = prometheus.ask_each("GET", job["metrics_path"].removeprefix("/api/v1"))
        assert {answer.status_code for answer in answers.values()} == {200}
        first, second = map(detections, answers.values())
        return first and first == second

    until(agreed, "both processes tell the same totals", 60)


def the_collector_is_told_of_a_job_by_the_api_and_the_worker(caller):
    trace_id = uuid4().hex
    headers = {"traceparent": f"00-{trace_id}-{uuid4().hex[:16]}-01", "Content-Type": "text/csv"}
    dataset, _ = caller.ask("POST", "/datasets", content=TABLE, headers=headers)
    request = {"data_sources": [dataset.json()["dataset_id"]]}
    del headers["Content-Type"]
    caller.ask("POST", "/batch", json=request, headers=headers)

    def both():
        services = {span["service"] for span in caller.composed.collector.spans(trace_id)}
        return {"pynomaly-api", "pynomaly-worker"} <= services

    until(both, "spans of the API and of a worker in one trace", 120)


def the_queue_lets_nobody_in_without_a_name(caller):
    port = caller.composed.here.ports["valkey"]
    assert redis.Redis(port=port, username="health", password="-").ping()
    with pytest.raises(redis.exceptions.NoPermissionError):
        redis.Redis(port=port, username="health", password="-").get("pynomaly:workers")
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=port).ping()


def what_nginx_refuses_is_a_problem_too(caller):
    url = caller.composed.base_url
    large = httpx.post(f"{url}/api/v1/users", content=bytes(2**20 + 1), timeout=30)
    elsewhere = httpx.get(f"{url}/metrics", timeout=30)
    assert (large.status_code, large.json()["code"]) == (413, "payload-too-large")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not-found")
    assert large.headers["Content-Type"] == elsewhere.headers["Content-Type"] == "application/problem+json"


def one_address_cannot_have_all_connections(caller):
    health = f"{caller.composed.base_url}/api/v1/health/live"
    port = caller.composed.here.ports["nginx"]
    with contextlib.ExitStack() as held:
        for _ in range(MOST_AT_ONCE):
            slow = held.enter_context(socket.create_connection((LOCALHOST, port)))
            slow.sendall(b"POST /api/v1/detect HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n[")
        until(lambda: httpx.get(health, timeout=30).status_code == 429, "the bound is reached", 60)
        refusal = httpx.get(health, timeout=30)
        assert (refusal.json()["code"], refusal.headers["Retry-After"]) == ("rate-limited", "1")
    until(lambda: httpx.get(health, timeout=30).status_code == 200, "the bound is free again", 60)


def nobody_notices_that_a_process_was_killed(caller):
    """A POST that was under way is repeated by the client, not by nginx, which cannot know what it did."""
    caller.composed.signal("api-1", signal.SIGKILL)
    looks = [caller.ask("GET", "/algorithms") for _ in range(6)]
    assert [(answer.status_code, service) for answer, service in looks] == [(200, "api-2")] * 6
    with PynomalyClient(base_url=caller.composed.base_url, api_key=caller.key) as client:
        for _ in range(6):
            assert len(client.detect_anomalies([[1.0], [1.1], [0.9], [1.0], [30.0]]).scores) == 5


def test_what_the_compose_file_starts_is_one_server(caller, subtests):
    """One test and not many, because these processes are costly and tests of a module may be shared out."""
    for behaviour in (
        both_processes_give_one_answer_to_one_detection,
        a_retry_that_lands_on_the_other_process_makes_no_second_job,
        the_client_runs_a_batch_job_from_a_file_to_its_result,
        events_of_a_job_come_while_it_waits_and_until_it_has_ended,
        a_model_trained_once_scores_alike_in_both_processes,
        a_revoked_key_is_refused_by_both_processes,
        an_address_that_the_caller_makes_up_is_not_believed,
        prometheus_is_given_the_totals_of_all_processes_by_each,
        the_collector_is_told_of_a_job_by_the_api_and_the_worker,
        the_queue_lets_nobody_in_without_a_name,
        what_nginx_refuses_is_a_problem_too,
        one_address_cannot_have_all_connections,
        nobody_notices_that_a_process_was_killed,
    ):
        with subtests.test(behaviour.__name__):
            behaviour(caller)
