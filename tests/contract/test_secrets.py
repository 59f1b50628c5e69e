"""Planted secrets: sent in every place that a caller can reach, found in none that they should not be in."""

from __future__ import annotations

import re
import secrets
from typing import Any

import httpx
import pytest

from pynomaly_server.auth.keys import new_key

pytestmark = pytest.mark.proof("planted secrets")
TABLE = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 7, n % 5) for n in range(40))


class Plot:
    """What was planted, and what came back."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api
        self.planted: dict[str, str] = {}
        self.answers: list[httpx.Response] = []

    def plant(self, where: str, text: str | None = None) -> str:
        self.planted[where] = text or f"canary{secrets.token_hex(12)}"
        return self.planted[where]

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        self.answers.append(self._api.request(method, path, **options))
        return self.answers[-1]

    def reveal(self, method: str, path: str, **options: Any) -> Any:
        """Send what is answered with a secret, which is meant to be shown this once."""
        answer = self._api.request(method, path, **options)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def plot(stack):
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"X-API-Key": stack.api_key}, timeout=60
    ) as api:
        plot = Plot(api)
        _plant_credentials(plot)
        _plant_mistakes(plot)
        plot.plant("the first key", stack.api_key)
        yield plot


def _plant_credentials(plot: Plot) -> None:
    """Everything that the server takes or gives as a secret, in its proper place."""
    made = plot.reveal("POST", "/api-keys", json={"name": "planted", "scopes": ["jobs:read"]})
    plot.plant("an API key", made["key"])
    rotated = plot.reveal("POST", f"/api-keys/{made['api_key']['key_id']}/rotate", json={})
    plot.plant("a rotated API key", rotated["key"])
    hook = plot.reveal("POST", "/webhooks", json={"url": "https://1.1.1.1/hook"})
    plot.plant("a webhook's secret", hook["secret"])
    rotated = plot.reveal("POST", f"/webhooks/{hook['endpoint']['endpoint_id']}/rotate-secret")
    plot.plant("a webhook's next secret", rotated["secret"])
    login = {"username": f"user-{secrets.token_hex(4)}", "password": plot.plant("a password")}
    plot.send("POST", "/users", json={**login, "role": "viewer"})
    pair = plot.reveal("POST", "/auth/token", json=login)
    plot.plant("an access token", pair["access_token"])
    plot.plant("a refresh token", pair["refresh_token"])
    renewed = plot.reveal("POST", "/auth/token/refresh", json={"refresh_token": pair["refresh_token"]})
    plot.plant("a renewed access token", renewed["access_token"])
    plot.plant("a renewed refresh token", renewed["refresh_token"])
    plot.send("POST", "/auth/token", json={**login, "password": plot.plant("a wrong password")})
    plot.send("POST", "/auth/token/refresh", json={"refresh_token": pair["refresh_token"]})
    bucket = {"access_key_id": "AKIA", "secret_access_key": plot.plant("a stored credential")}
    plot.send("POST", "/credentials", json={"name": "bucket", "s3": bucket})
    for path in ("/api-keys", "/webhooks", "/users", "/credentials", "/me", "/metrics"):
        plot.send("GET", path)
    plot.send("GET", "/jobs", headers={"Authorization": f"Bearer {renewed['access_token']}", "X-API-Key": ""})


def _plant_mistakes(plot: Plot) -> None:
    """Secrets where none belong: people paste them everywhere."""
    plot.send("GET", f"/jobs/{plot.plant('a key in a path', new_key()[0])}")
    plot.send("GET", "/jobs", params={"api_key": plot.plant("a key in a query", new_key()[0])})
    plot.send("GET", "/jobs", params={plot.plant("a key as a parameter", new_key()[0]): "1"})
    plot.send("POST", "/detect", json={plot.plant("a key as a field", new_key()[0]): 1})
    plot.send(
        "POST", "/detect", json={"data": [[1]], "algorithm": plot.plant("a key as a value", new_key()[0])}
    )
    broken = b'{"key": "%s", ' % plot.plant("a key in broken JSON", new_key()[0]).encode()
    plot.send("POST", "/detect", content=broken, headers={"Content-Type": "application/json"})
    plot.send("GET", "/me", headers={"Authorization": f"Basic {plot.plant('Basic credentials')}"})
    plot.send(
        "GET", "/me", headers={"Authorization": f"Bearer {plot.plant('a wrong token')}", "X-API-Key": ""}
    )
    plot.send("GET", "/me", headers={"Cookie": f"session={plot.plant('a cookie')}"})
    for scheme in ("https", "postgresql", "s3"):
        url = f"{scheme}://user:{plot.plant(f'a password in a URL of {scheme}')}@127.0.0.1/table.csv"
        plot.send("POST", "/batch", json={"data_sources": [url]})
    signed = f"https://127.0.0.1/t.csv?X-Amz-Signature={plot.plant('the signature of a URL')}"
    plot.send("POST", "/batch", json={"data_sources": [signed]})
    hook = f"https://user:{plot.plant('a password in the URL of a webhook')}@127.0.0.1/hook"
    plot.send("POST", "/webhooks", json={"url": hook})
    plot.send(
        "POST", "/datasets", content=TABLE, headers={"Content-Type": plot.plant("a media type", new_key()[0])}
    )
    plot.send(plot.plant("a key as a method", f"M{secrets.token_hex(8)}"), "/me")
    plot.send("GET", "/audit-log", params={"format": "ndjson"})
    plot.send("GET", "/metrics")


def test_nothing_failed_in_the_server(plot):
    assert {answer.status_code // 100 for answer in plot.answers} == {2, 4}
    assert len(plot.planted) >= 25


def test_no_answer_has_a_secret(plot):
    told = [
        (where, answer.request.url.path)
        for where, secret in plot.planted.items()
        for answer in plot.answers
        if secret in answer.text or secret in str(answer.headers)
    ]
    assert told == []


def test_no_file_of_the_server_has_a_secret(plot, stack, tried):
    """Neither logs nor rows nor objects nor what Valkey has written down."""
    kept = []
    for path in sorted(stack.data_dir.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            kept += [
                (where, path.name) for where, secret in plot.planted.items() if secret.encode() in content
            ]
            tried["planted secrets"] += len(plot.planted)
    assert kept == []


def logged(stack, eventually, request_id: str) -> str:
    """The API's log once it has the line of this request, which is held for a moment."""

    def read() -> str:
        return "".join(path.read_text() for path in (stack.data_dir / "logs").glob("api.log*"))

    eventually(lambda: request_id in read())
    return read()


def test_what_was_sent_is_in_the_log_all_the_same(plot, stack, eventually):
    assert "/api/v1/jobs/[hidden]" in logged(stack, eventually, plot.answers[-1].headers["X-Request-Id"])


def test_a_path_with_line_breaks_is_one_line_of_the_log(stack, eventually):
    with httpx.Client(base_url=stack.base_url) as api:
        request_id = api.get("/forged%0a%7b%22event%22:%22forged%22%7d%0d%1b%5b2J").headers["X-Request-Id"]
    lines = re.split(r"[\r\n]+", logged(stack, eventually, request_id))
    [line] = [line for line in lines if request_id in line]
    assert "forged" in line
    assert not [line for line in lines if line.startswith('{"event":"forged"')]
