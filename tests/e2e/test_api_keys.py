"""API keys as their owners make, rotate and revoke them, through the client and on the real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pynomaly import AuthenticationError, ConflictError, DataError, PermissionDeniedError, PynomalyClient
from pynomaly import UnprocessableEntityError as Unprocessable


@pytest.fixture
def as_(stack):
    """Makes clients of a key, and closes them."""
    made = []

    def client(key):
        made.append(PynomalyClient(api_key=key, base_url=stack.base_url, max_retries=0))
        return made[-1]

    yield client
    for one in made:
        one.close()


def make(client, *scopes, **more):
    return client.api_keys.create("a test", scopes, **more)


def test_a_new_key_may_do_what_it_was_made_for_and_nothing_else(client, as_):
    reader = as_(make(client, "jobs:read").key)
    assert reader.auth.who_am_i().scopes == ["jobs:read"]
    assert reader.jobs.list_jobs().items is not None
    with pytest.raises(PermissionDeniedError, match="'detect:run'"):
        reader.detect_anomalies([[1.0], [2.0], [3.0]] * 10)


def test_a_key_is_listed_without_itself(client):
    made = make(client, "jobs:read")
    listed = {key.key_id: key for key in client.api_keys.list()}
    assert made.api_key.key_id in listed
    assert made.key not in repr(listed)
    assert made.key.startswith(listed[made.api_key.key_id].prefix)


def test_nobody_makes_a_key_that_can_do_more_than_they_can(client, as_):
    maker = as_(make(client, "keys:write").key)
    with pytest.raises(PermissionDeniedError, match=r"lacks the scope '\*' and cannot make a key"):
        make(maker, "*")


def test_nobody_rotates_a_key_that_can_do_more_than_they_can(client, as_):
    strong = make(client, "*")
    maker = as_(make(client, "keys:write").key)
    with pytest.raises(PermissionDeniedError, match="cannot rotate a key that has it"):
        maker.api_keys.rotate(strong.api_key.key_id)


def test_a_scope_that_does_not_exist_is_named(client):
    with pytest.raises(Unprocessable, match="'jobs:delete' is no scope"):
        make(client, "jobs:delete")


def test_an_expiry_in_the_past_is_refused(client):
    with pytest.raises(Unprocessable, match="/expires_at has passed"):
        make(client, "jobs:read", expires_at=(datetime.now(UTC) - timedelta(days=1)))


def test_both_keys_work_within_the_overlap_of_a_rotation(client, as_):
    old = make(client, "jobs:read")
    new = client.api_keys.rotate(old.api_key.key_id, overlap=timedelta(seconds=600))
    assert as_(old.key).auth.who_am_i().subject == old.api_key.key_id
    assert as_(new.key).auth.who_am_i().scopes == ["jobs:read"]


def test_a_rotation_never_lets_the_old_key_live_longer(client):
    soon = datetime.now(UTC) + timedelta(minutes=5)
    old = make(client, "jobs:read", expires_at=soon)
    client.api_keys.rotate(old.api_key.key_id, overlap=timedelta(seconds=86_400))
    assert client.api_keys.get(old.api_key.key_id).expires_at == old.api_key.expires_at


def test_after_the_overlap_the_old_key_is_refused(client, as_, eventually):
    old = make(client, "jobs:read")
    client.api_keys.rotate(old.api_key.key_id, overlap=timedelta(seconds=0))

    def refused():
        try:
            as_(old.key).auth.who_am_i()
        except AuthenticationError:
            return True
        return False

    eventually(refused)


def test_a_revoked_key_is_refused_and_cannot_be_rotated(client, as_, eventually):
    made = make(client, "jobs:read")
    caller = as_(made.key)
    caller.auth.who_am_i()
    assert client.api_keys.revoke(made.api_key.key_id).revoked_at is not None

    def refused():
        try:
            caller.auth.who_am_i()
        except AuthenticationError:
            return True
        return False

    eventually(refused)
    with pytest.raises(ConflictError, match="revoked or expired and cannot be rotated"):
        client.api_keys.rotate(made.api_key.key_id)


def test_the_client_says_what_a_list_of_scopes_is(client):
    with pytest.raises(DataError, match=r"give a list, such as \['jobs:read'\]"):
        client.api_keys.create("a test", "jobs:read")


def test_the_client_asks_for_the_time_zone_of_an_expiry(client):
    with pytest.raises(DataError, match="expires_at has no time zone"):
        make(client, "jobs:read", expires_at=datetime(2100, 1, 1))  # noqa: DTZ001


def test_revoking_twice_changes_nothing(client):
    made = make(client, "jobs:read")
    first = client.api_keys.revoke(made.api_key.key_id)
    assert client.api_keys.revoke(made.api_key.key_id).revoked_at == first.revoked_at
