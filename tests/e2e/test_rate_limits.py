"""Limits over HTTP, on one server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import time

import httpx
import pytest

REQUESTS = 3_000
CONNECTIONS = 300
LIMIT = 50
FAILURES = 4
LOGINS = 3
ROWS = {"data": [[float(n % 7), float(n % 5)] for n in range(40)]}


@pytest.fixture(scope="module")
def limited(started):
    """Callers have 50 requests and get hardly any back; an address gets a failure back every two seconds."""
    return started(
        PYNOMALY_RATE_LIMIT=f"{LIMIT}/86400",
        PYNOMALY_RATE_LIMIT_ADDRESS=f"{FAILURES}/{FAILURES * 2}",
        PYNOMALY_RATE_LIMIT_LOGIN=f"{LOGINS * 5}/86400",
        PYNOMALY_RATE_LIMIT_PATIENCE_SECONDS="3",
        PYNOMALY_TRUSTED_PROXIES="127.0.0.0/8",
        PYNOMALY_QUOTA_STORED_BYTES="1000",
    )


@pytest.fixture(scope="module")
def api(limited):
    with httpx.Client(base_url=f"{limited.base_url}/api/v1", timeout=120) as api:
        yield api


@pytest.fixture
def key(limited, api):
    """A key whose bucket is full."""
    headers = {"X-API-Key": limited.api_key}
    return api.post("/api-keys", json={"name": "k", "scopes": ["*"]}, headers=headers).json()["key"]


async def ask_often(url: httpx.URL, key: str, connected: asyncio.Barrier) -> list[int]:
    """Statuses of some requests on one connection, begun when every connection is open."""
    reader, writer = await asyncio.open_connection(url.host, url.port)
    await connected.wait()
    statuses = []
    for _ in range(REQUESTS // CONNECTIONS):
        writer.write(f"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        statuses.append(int(head.split()[1]))
        await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
    writer.close()
    return statuses


@pytest.fixture
def neighbour(limited, eventually):
    """Address of another API process of the same server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = limited.part("api")
    env = api.environ() | {"PYNOMALY_PORT": str(port), "PYNOMALY_LOG_LEVEL": "error"}
    process = subprocess.Popen(api.cmdline(), env=env)
    url = httpx.URL(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(url.join("/api/v1/health/live")).status_code == 200
        return False

    eventually(answers)
    yield url
    process.terminate()
    process.wait()


async def test_of_3000_requests_to_two_processes_exactly_as_many_as_the_limit_are_admitted(
    limited, neighbour, key
):
    urls = [httpx.URL(limited.base_url), neighbour]
    connected = asyncio.Barrier(CONNECTIONS)
    asked = await asyncio.gather(*(ask_often(urls[n % 2], key, connected) for n in range(CONNECTIONS)))
    statuses = [status for some in asked for status in some]
    print(f"\n{len(statuses)} requests to two processes: {statuses.count(200)} admitted of {LIMIT}")
    assert (statuses.count(200), statuses.count(429)) == (LIMIT, REQUESTS - LIMIT)


def test_each_answer_says_what_is_left(api, key):
    answers = [
        api.get("/me", headers={"X-API-Key": key}),
        api.get("/datasets/dts_none", headers={"X-API-Key": key}),
        api.post("/detect", json=ROWS, headers={"X-API-Key": key}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 200]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"principal";q=50;w=86400'}
    assert [answer.headers["RateLimit"].split(";")[:2] for answer in answers] == [
        ['"principal"', f"r={left}"] for left in (49, 48, 47)
    ]


def test_whoever_asks_for_nothing_or_as_nobody_is_told_what_is_left_of_the_address(api):
    answers = [
        api.get("/nowhere"),
        api.patch("/me"),
        api.get("/me"),
        api.get("/me", headers={"X-API-Key": "no"}),
    ]
    assert [answer.status_code for answer in answers] == [404, 405, 401, 401]
    assert {answer.headers["RateLimit"].split(";")[0] for answer in answers} == {'"address"'}


def test_a_caller_without_the_scope_is_told_what_is_left_too(limited, api, key):
    made = api.post("/api-keys", json={"name": "n", "scopes": ["jobs:read"]}, headers={"X-API-Key": key})
    answer = api.get("/datasets", headers={"X-API-Key": made.json()["key"]})
    assert (answer.status_code, answer.headers["RateLimit"].split(";")[1]) == (403, "r=49")


def test_rows_are_counted_in_every_media_type(api, key):
    body = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 71, n % 53) for n in range(3_500))
    answer = api.post("/detect", content=body, headers={"X-API-Key": key, "Content-Type": "text/csv"})
    assert (answer.status_code, answer.headers["RateLimit"].split(";")[1]) == (200, "r=46")


def test_who_has_nothing_left_is_told_when_to_come_back(api, key):
    for _ in range(LIMIT // 5):
        api.post("/api-keys", json={"name": "n", "scopes": ["jobs:read"]}, headers={"X-API-Key": key})
    answer = api.get("/me", headers={"X-API-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate-limited")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400 / LIMIT
    assert answer.headers["RateLimit"].startswith('"principal";r=0;')
    assert api.get("/health", headers={"X-API-Key": key}).status_code == 200


def wrong(api, sender: str, **more: str) -> httpx.Response:
    return api.get("/me", headers={"X-API-Key": "wrong", "X-Forwarded-For": sender, **more})


def test_failed_credentials_are_counted_by_address_and_forgiven_after_retry_after(api):
    statuses = [wrong(api, "192.0.2.1").status_code for _ in range(FAILURES + 2)]
    assert statuses == [401] * FAILURES + [429] * 2
    refused = wrong(api, "192.0.2.1")
    assert refused.json()["code"] == "rate-limited"
    time.sleep(int(refused.headers["Retry-After"]))
    assert wrong(api, "192.0.2.1").status_code == 401


def test_no_invented_address_helps_who_failed_too_often(api):
    statuses = [wrong(api, f"198.51.100.{n}, 192.0.2.2").status_code for n in range(FAILURES + 1)]
    assert statuses == [401] * FAILURES + [429]


def log_in(api, sender: str) -> httpx.Response:
    body = {"username": "ada", "password": "not her password"}
    return api.post("/auth/token", json=body, headers={"X-Forwarded-For": sender})


def test_logins_are_counted_by_address_whatever_forwarded_addresses_are_invented(api):
    answers = [log_in(api, f"198.51.100.{n}, 192.0.2.8") for n in range(LOGINS + 2)]
    assert [answer.status_code for answer in answers] == [401] * LOGINS + [429] * 2
    assert answers[-1].json()["detail"].startswith("The limit 'login' of 15 tokens")


def test_passwords_are_guessed_no_faster_where_they_are_changed(api):
    body = {"current_password": "a guess", "new_password": "correct horse battery staple"}
    headers = {"X-API-Key": "wrong", "X-Forwarded-For": "192.0.2.11"}
    answers = [api.post("/me/password", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 429]
    assert answers[-1].json()["detail"].startswith("The limit 'login' of 15 tokens")


def test_a_tenant_is_told_what_is_used_and_what_does_not_fit_any_more(api, key):
    def upload(size: int) -> httpx.Response:
        body = (b"a,b\n" + b"1,2\n" * size)[:size]
        return api.post("/datasets", content=body, headers={"X-API-Key": key, "Content-Type": "text/csv"})

    before = api.get("/usage", headers={"X-API-Key": key}).json()
    assert (upload(800).status_code, upload(400).status_code, upload(200).status_code) == (201, 429, 201)
    refused = upload(40)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("quota-exceeded", "3600")
    after = api.get("/usage", headers={"X-API-Key": key}).json()
    assert (before["stored_bytes"], after["stored_bytes"]) == (
        {"used": 0, "quota": 1000},
        {"used": 1000, "quota": 1000},
    )
    assert after["requests"]["used"] - before["requests"]["used"] == 5
    assert after["jobs"] == {"used": 0, "quota": None}


def test_an_operator_makes_a_tenant_and_gives_it_quotas(limited, api):
    def tenants(*arguments: str) -> str:
        command = ("-m", "pynomaly_server", "tenants", *arguments, "--data-dir", str(limited.data_dir))
        return limited.run_python(*command).stdout

    tenant_id, key = tenants("create", "northwind").split()
    assert "               100  requests in a month" in tenants("quota", "northwind", "--requests", "100")
    assert tenant_id in tenants("list")
    usage = api.get("/usage", headers={"X-API-Key": key}).json()
    assert usage["requests"] == {"used": 1, "quota": 100}
    assert usage["stored_bytes"] == {"used": 0, "quota": 1000}


def test_while_valkey_hangs_detection_goes_on_and_logins_are_closed(limited, api, key):
    valkey = limited.part("valkey")
    valkey.suspend()
    try:
        answers = [api.post("/detect", json=ROWS, headers={"X-API-Key": key}) for _ in range(8)]
        login = log_in(api, "192.0.2.9")
    finally:
        valkey.resume()
    assert [answer.status_code for answer in answers] == [200] * 8
    assert (login.status_code, login.json()["code"]) == (503, "unavailable")
