"""Stored credentials over HTTP, by the client, with secrets planted to be looked for everywhere."""

import httpx
import pytest

from pynomaly import (
    DataError,
    GcsSecrets,
    NotFoundError,
    PostgresqlSecrets,
    S3Secrets,
    UnprocessableEntityError,
)

CANARY = "canary-8c41d0e7aa"


def s3(**fields):
    secrets = {"access_key_id": "AKIA1234", "secret_access_key": CANARY, "endpoint": "https://1.1.1.1"}
    return S3Secrets(**{**secrets, **fields})


def test_a_credential_is_stored_replaced_and_deleted_and_its_secrets_never_shown(client):
    stored = client.credentials.create("archive", s3())
    replaced = client.credentials.replace(stored.credential_id, "other", s3(access_key_id="AKIA5678"))
    listed = [each for each in client.credentials.list() if each.credential_id == stored.credential_id]
    assert (stored.name, stored.kind, stored.hint) == ("archive", "s3", "…1234")
    assert listed == [replaced] == [client.credentials.get(stored.credential_id)]
    assert (replaced.name, replaced.hint) == ("other", "…5678")
    assert CANARY not in repr([stored, replaced, listed])
    client.credentials.delete(stored.credential_id)
    with pytest.raises(NotFoundError, match=rf"There is no credential {stored.credential_id}\."):
        client.credentials.get(stored.credential_id)


def test_secrets_in_requests_that_are_refused_are_not_repeated(stack):
    bodies = [
        {"name": "n", "s3": {"access_key_id": "a", "secret_access_key": CANARY * 40}},
        {"name": "n", "s3": {"access_key_id": "a", "secret_access_key": [CANARY]}},
        {"name": "n", "s3": {"access_key_id": "a", "secret_access_key": CANARY, "endpoint": "https://[::1]"}},
        {"name": "n", "postgresql": {"host": "h", "user": "u", "password": CANARY + "\0"}},
        {"name": "n", "gcs": {"service_account_key": f'{{"private_key": "{CANARY}'}},
        {"name": "n", "s3": {"access_key_id": "a", "secret_access_key": CANARY}, "password": CANARY},
    ]
    with httpx.Client(headers={"X-API-Key": stack.api_key}, timeout=60) as api:
        for body in bodies:
            answer = api.post(f"{stack.base_url}/api/v1/credentials", json=body)
            assert answer.status_code == 422, answer.text
            assert CANARY not in answer.text
        truncated = f'{{"name": "n", "s3": {{"secret_access_key": "{CANARY}"'
        answer = api.post(
            f"{stack.base_url}/api/v1/credentials",
            content=truncated,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 400
        assert CANARY not in answer.text


def test_the_planted_secrets_are_in_no_file_of_the_server(stack, client):
    stored = client.credentials.create("archive", s3())
    with pytest.raises(UnprocessableEntityError) as caught:
        client.credentials.create("inner", s3(endpoint="https://127.0.0.1"))
    assert CANARY not in str(caught.value)
    files = [path for path in stack.data_dir.parent.rglob("*") if path.is_file()]
    assert any("pynomaly.db" in path.name for path in files)
    assert any(stored.credential_id.encode() in path.read_bytes() for path in files)
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "secrets",
    [
        s3(session_token=CANARY),
        GcsSecrets(service_account_key=CANARY),
        PostgresqlSecrets(host="h", user="u", password=CANARY),
    ],
)
def test_the_clients_own_objects_do_not_print_secrets(secrets):
    assert CANARY not in repr(secrets) + str(secrets)
    assert "***" in repr(secrets)


def test_a_secret_that_does_not_fit_is_not_repeated_by_the_client():
    with pytest.raises(ValueError, match="secret_access_key") as caught:
        s3(secret_access_key=CANARY + " with a space")
    assert CANARY not in str(caught.value)


def test_what_is_no_secret_is_refused_by_the_client(client):
    with pytest.raises(DataError, match=r"The secrets are of type dict; give pynomaly\.S3Secrets"):
        client.credentials.create("archive", {"password": CANARY})
