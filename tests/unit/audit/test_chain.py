"""What the hash of an entry depends on, and what is noted once."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pynomaly_server.audit.chain import FIRST_HASH, Chain, Deed, Head, Outcome
from pynomaly_server.audit.repeats import REMEMBERED, Repeats

SECRET = "unit-tests-only-0123456789abcdef0123"
DEED = Deed(
    tenant_id="ten_1",
    time=datetime(2026, 5, 1, 12, 0, 0, 1, tzinfo=UTC),
    actor="key_1",
    action="createApiKey",
    resource="key_2",
    outcome=Outcome.SUCCEEDED,
    status=201,
    address="192.0.2.7",
    request_id="req_é",
)
CHANGED = {
    "tenant_id": "ten_2",
    "time": DEED.time + timedelta(microseconds=1),
    "actor": "key_2",
    "action": "revokeApiKey",
    "resource": None,
    "outcome": Outcome.FAILED,
    "status": 200,
    "address": None,
    "request_id": "req_2",
}


def test_the_hash_is_the_hmac_of_the_documented_form():
    form = [
        "pynomaly-audit-1", "ten_1", 7, FIRST_HASH, "2026-05-01T12:00:00.000001Z", "key_1", "createApiKey",
        "key_2", "succeeded", 201, "192.0.2.7", "req_é",
    ]  # fmt: skip
    text = json.dumps(form, separators=(",", ":"), ensure_ascii=False).encode()
    key = hmac.new(SECRET.encode(), b"pynomaly audit log", hashlib.sha256).digest()
    assert Chain(SECRET).hash(DEED, 7, FIRST_HASH) == hmac.new(key, text, hashlib.sha256).hexdigest()


def test_every_field_is_tried():
    assert CHANGED.keys() == {field.name for field in fields(Deed)}


@pytest.mark.parametrize("name", CHANGED)
def test_the_hash_changes_with_every_field(name):
    chain = Chain(SECRET)
    assert chain.hash(replace(DEED, **{name: CHANGED[name]}), 1, FIRST_HASH) != chain.hash(
        DEED, 1, FIRST_HASH
    )


def test_the_hash_changes_with_the_number_the_hash_before_and_the_key():
    first = Chain(SECRET).hash(DEED, 1, FIRST_HASH)
    others = {
        Chain(SECRET).hash(DEED, 2, FIRST_HASH),
        Chain(SECRET).hash(DEED, 1, "1" * 64),
        Chain(SECRET + "x").hash(DEED, 1, FIRST_HASH),
    }
    assert first not in others
    assert len(others) == 3


def test_the_same_moment_in_another_zone_has_the_same_hash():
    elsewhere = replace(DEED, time=DEED.time.astimezone(timezone(timedelta(hours=9))))
    assert Chain(SECRET).hash(elsewhere, 1, FIRST_HASH) == Chain(SECRET).hash(DEED, 1, FIRST_HASH)


def test_a_chain_grows_by_one():
    head = Chain(SECRET).extend(Head("ten_1", 4, "a" * 64), DEED)
    assert head == Head("ten_1", 5, Chain(SECRET).hash(DEED, 5, "a" * 64))


def test_what_repeats_within_a_minute_is_no_first():
    now = [0.0]
    repeats = Repeats(clock=lambda: now[0])
    seen = [repeats.is_first("a"), repeats.is_first("a"), repeats.is_first("b")]
    now[0] = 59.9
    seen.append(repeats.is_first("a"))
    now[0] = 60.0
    seen.append(repeats.is_first("a"))
    assert seen == [True, False, True, False, True]


def test_what_is_remembered_of_repeats_is_bounded():
    repeats = Repeats(clock=lambda: 0.0)
    for number in range(3 * REMEMBERED):
        repeats.is_first(number)
    assert len(repeats._seen) <= REMEMBERED
