"""The audit log over HTTP: what is in it, what is not, who may see it and in which forms."""

from __future__ import annotations

import csv
import io
import itertools
import json
import secrets
from typing import Any

import httpx
import pytest

from pynomaly_server.contract.operations import OPERATIONS

TABLE = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 7, n % 5) for n in range(40))
FIELDS = (
    "seq", "time", "actor", "action", "resource", "outcome", "status", "address", "request_id",
    "previous_hash", "hash",
)  # fmt: skip


class Caller:
    """Somebody with a key of their own, so that the log can be asked for what they did."""

    def __init__(self, base_url: str, key: str, key_id: str) -> None:
        self.key_id = key_id
        self.api = httpx.Client(
            base_url=f"{base_url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60
        )


@pytest.fixture(scope="module")
def admin(stack: Any):
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"X-API-Key": stack.api_key}, timeout=60
    ) as api:
        yield api


@pytest.fixture
def caller(stack: Any, admin: httpx.Client):
    made: list[Caller] = []

    def make(*scopes: str) -> Caller:
        answer = admin.post("/api-keys", json={"name": "audited", "scopes": list(scopes)}).json()
        made.append(Caller(stack.base_url, answer["key"], answer["api_key"]["key_id"]))
        return made[-1]

    yield make
    for one in made:
        one.api.close()


@pytest.fixture
def noted(admin: httpx.Client, eventually):
    """So many entries, awaited: those of refusals are stored while the answer is on its way."""

    def find(count: int, **filters: Any) -> list[dict[str, Any]]:
        eventually(lambda: len(log(admin, **filters)) >= count)
        found = log(admin, **filters)
        assert len(found) == count
        return found

    return find


def log(admin: httpx.Client, **filters: Any) -> list[dict[str, Any]]:
    """The entries that pass, oldest first."""
    answer = admin.get("/audit-log", params=filters)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


def test_a_change_is_noted_with_who_what_where_and_how_it_ended(admin, caller):
    one = caller("datasets:write")
    made = one.api.post("/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
    dataset_id = made.json()["dataset_id"]
    [entry] = log(admin, actor=one.key_id)
    assert entry.keys() == set(FIELDS)
    wanted = {
        "action": "uploadDataset",
        "resource": dataset_id,
        "outcome": "succeeded",
        "status": 201,
        "address": "127.0.0.1",
        "request_id": made.headers["X-Request-Id"],
    }
    assert {name: entry[name] for name in wanted} == wanted
    one.api.delete(f"/datasets/{dataset_id}")
    assert [entry["action"] for entry in log(admin, resource=dataset_id)] == [
        "uploadDataset",
        "deleteDataset",
    ]


def test_every_change_of_the_same_kind_is_noted(admin, caller):
    one = caller("webhooks:write")
    for _ in range(3):
        one.api.post("/webhooks", json={"url": "https://1.1.1.1/hook"})
    entries = log(admin, actor=one.key_id)
    assert len({entry["resource"] for entry in entries}) == len(entries) == 3


def test_detecting_and_looking_are_not_noted(admin, caller):
    one = caller("detect:run", "jobs:read")
    assert one.api.post("/detect", content=TABLE, headers={"Content-Type": "text/csv"}).status_code == 200
    assert one.api.get("/jobs").status_code == 200
    assert one.api.get("/me").status_code == 200
    assert log(admin, actor=one.key_id) == []


def test_everything_but_looking_and_detecting_is_audited_and_downloads_are():
    unlike = {
        name for name, operation in OPERATIONS.items() if operation.audited != (operation.method != "GET")
    }
    assert unlike == {"detectAnomalies", "getJobResult", "packageModel", "predictWithModel"}


def test_a_call_beyond_the_scopes_is_noted_as_refused_once_a_minute(noted, caller):
    one = caller("jobs:read")
    for _ in range(3):
        assert one.api.get("/datasets").status_code == 403
    assert one.api.post("/api-keys", json={"name": "mine", "scopes": ["*"]}).status_code == 403
    entries = noted(2, actor=one.key_id)
    assert [(entry["action"], entry["outcome"], entry["status"]) for entry in entries] == [
        ("listDatasets", "refused", 403),
        ("createApiKey", "refused", 403),
    ]


def test_a_revoked_key_that_is_used_again_is_noted_as_refused(admin, noted, caller, eventually):
    one = caller("jobs:read")
    admin.delete(f"/api-keys/{one.key_id}")
    eventually(lambda: one.api.get("/jobs").status_code == 401)
    [entry] = noted(1, actor=one.key_id)
    assert (entry["action"], entry["outcome"], entry["status"]) == ("listJobs", "refused", 401)


def test_a_key_that_only_begins_like_one_of_ours_is_not_noted(stack, admin, caller):
    one = caller("jobs:read")
    headers = {"Authorization": "Bearer pyn_" + secrets.token_hex(4) + "_" + "A" * 49}
    before = log(admin, limit=1)
    assert httpx.get(f"{stack.base_url}/api/v1/jobs", headers=headers).status_code == 401
    assert log(admin, limit=1) == before
    assert log(admin, actor=one.key_id) == []


def test_logins_are_noted_with_the_user_they_are_about(admin, noted):
    login = {"username": f"user-{secrets.token_hex(4)}", "password": secrets.token_urlsafe(16)}
    user_id = admin.post("/users", json={**login, "role": "viewer"}).json()["user_id"]
    pair = admin.post("/auth/token", json=login).json()
    assert admin.post("/auth/token", json={**login, "password": "wrong, all of it"}).status_code == 401
    admin.post("/auth/token/refresh", json={"refresh_token": pair["refresh_token"]})
    admin.post("/auth/token/revoke", json={"refresh_token": pair["refresh_token"]})
    entries = noted(4, actor=user_id)
    assert sorted((entry["action"], entry["outcome"], entry["status"]) for entry in entries) == [
        ("createToken", "refused", 401),
        ("createToken", "succeeded", 200),
        ("refreshToken", "succeeded", 200),
        ("revokeToken", "succeeded", 204),
    ]
    text = admin.get("/audit-log", params={"format": "ndjson"}).text
    for secret in (*login.values(), pair["access_token"], pair["refresh_token"]):
        assert str(secret) not in text


def test_changes_of_the_own_password_are_noted_without_it(stack, admin, noted):
    login = {"username": f"user-{secrets.token_hex(4)}", "password": secrets.token_urlsafe(16)}
    user_id = admin.post("/users", json={**login, "role": "viewer"}).json()["user_id"]
    token = admin.post("/auth/token", json=login).json()["access_token"]
    new = secrets.token_urlsafe(16)
    statuses = [
        httpx.post(
            f"{stack.base_url}/api/v1/me/password",
            json={"current_password": current, "new_password": new},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ).status_code
        for current in ("wrong, all of it", login["password"])
    ]
    entries = [entry for entry in noted(3, actor=user_id) if entry["action"] == "changePassword"]
    assert statuses == [422, 204]
    assert sorted((entry["outcome"], entry["status"]) for entry in entries) == [
        ("failed", 422),
        ("succeeded", 204),
    ]
    text = admin.get("/audit-log", params={"format": "ndjson"}).text
    assert login["password"] not in text
    assert new not in text


def test_a_login_as_nobody_is_not_noted(admin):
    before = log(admin, action="createToken")
    wrong = {"username": "nobody-at-all", "password": "whatever it may be"}
    assert admin.post("/auth/token", json=wrong).status_code == 401
    assert log(admin, action="createToken") == before


def test_a_change_that_failed_is_noted_as_failed(noted, caller):
    one = caller("datasets:write")
    missing = "dts_" + secrets.token_hex(16)
    one.api.delete(f"/datasets/{missing}")
    one.api.delete("/datasets/=cmd'!A0")
    entries = noted(2, actor=one.key_id)
    assert [(entry["resource"], entry["outcome"], entry["status"]) for entry in entries] == [
        (missing, "failed", 404),
        (None, "failed", 404),
    ]


def test_the_log_holds_no_payload_and_no_secret(admin, caller):
    one = caller("keys:write", "jobs:read", "webhooks:write")
    canary = f"canary{secrets.token_hex(8)}"
    made = one.api.post("/api-keys", json={"name": canary, "scopes": ["jobs:read"]}).json()
    webhook = one.api.post(
        "/webhooks",
        json={"url": f"https://1.1.1.1/{canary}", "description": canary},
        headers={"User-Agent": canary},
    ).json()
    text = admin.get("/audit-log", params={"format": "ndjson"}).text
    assert made["api_key"]["key_id"] in text
    for planted in (canary, made["key"], webhook["secret"]):
        assert planted not in text


def test_pages_together_are_the_log_newest_first(admin, noted, caller):
    one = caller("webhooks:write")
    for _ in range(5):
        one.api.post("/webhooks/whe_" + secrets.token_hex(16) + "/test")
    noted(5, actor=one.key_id)
    filters = {"actor": one.key_id, "limit": 2}
    seen: list[int] = []
    cursor = None
    while True:
        page = admin.get("/audit-log", params={**filters, **({"cursor": cursor} if cursor else {})}).json()
        seen += [entry["seq"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_cursor_is_of_no_use_under_other_filters(admin, caller):
    page = admin.get("/audit-log", params={"limit": 1, "outcome": "succeeded"}).json()
    assert page["next_cursor"]
    answer = admin.get("/audit-log", params={"limit": 1, "cursor": page["next_cursor"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


def test_entries_are_found_by_their_time(admin, caller):
    one = caller("webhooks:write")
    for _ in range(2):
        one.api.post("/webhooks", json={"url": "https://1.1.1.1/hook"})
    first, second = log(admin, actor=one.key_id)
    assert log(admin, actor=one.key_id, since=second["time"]) == [second]
    assert log(admin, actor=one.key_id, until=second["time"]) == [first]


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "yesterday"])
def test_a_moment_that_is_none_answers_422(admin, name, moment):
    answer = admin.get("/audit-log", params={name: moment})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize(
    "asked", [{"params": {"format": "ndjson"}}, {"headers": {"Accept": "application/x-ndjson"}}]
)
def test_the_export_as_ndjson_is_the_whole_log_with_its_chain(admin, asked):
    answer = admin.get("/audit-log", **asked)
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    entries = [json.loads(line) for line in answer.text.splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(len(entries), 0, -1))
    for newer, older in itertools.pairwise(entries):
        assert newer["previous_hash"] == older["hash"]


def test_the_export_as_csv_has_a_header_and_the_entries_that_pass(admin, caller):
    one = caller("webhooks:write")
    one.api.post("/webhooks", json={"url": "https://1.1.1.1/hook"})
    answer = admin.get("/audit-log", params={"format": "csv", "actor": one.key_id})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert tuple(row) == FIELDS
    assert (row["actor"], row["action"], row["status"]) == (one.key_id, "createWebhookEndpoint", "201")


def test_the_log_needs_the_scope_audit_read(caller):
    assert caller("audit:read").api.get("/audit-log").status_code == 200
    assert caller("keys:write").api.get("/audit-log").status_code == 403


def test_the_whole_log_is_sound(stack, admin):
    said = stack.run_pynomaly("audit", "verify", "--data-dir", str(stack.data_dir))
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.strip().endswith("sound")
