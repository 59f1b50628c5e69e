"""Credentials that cannot be used, or would send secrets to an address that is not allowed."""

from __future__ import annotations

import msgspec
import pytest

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import CredentialRequest
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.problems import ProblemError

CANARY = "canary-3f9d2c71b0"
CALLER = Principal("ten_1", "key_1", frozenset({"*"}))


async def create(secrets):
    """Try to store secrets in a service without a database, which what is refused never comes to."""
    credentials = CredentialService(None, Guard(), "a secret key of the tests, 32 characters")
    await credentials.create(CALLER, msgspec.convert({"name": "n", **secrets}, CredentialRequest))


def s3(**fields):
    return {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": CANARY, **fields}


def postgresql(**fields):
    return {"host": "1.1.1.1", "user": "reader", "password": CANARY, **fields}


def service_account(kind, private_key):
    return f'{{"type":"{kind}","client_email":"b","private_key":"{private_key}"}}'


@pytest.mark.parametrize(
    ("secrets", "code", "words"),
    [
        ({"s3": s3(), "postgresql": postgresql()}, "validation", "several kinds"),
        ({"s3": s3(endpoint="http://1.1.1.1")}, "forbidden-source", "not encrypted"),
        ({"s3": s3(endpoint="https://1.1.1.1/path")}, "validation", "has a path"),
        ({"s3": s3(endpoint=f"https://a:{CANARY}@1.1.1.1")}, "forbidden-source", "a user or a password"),
        ({"s3": s3(endpoint="https://169.254.169.254")}, "forbidden-source", "link-local"),
        ({"s3": s3(endpoint="https://localhost:9000")}, "forbidden-source", "cannot be found"),
        ({"s3": s3(endpoint="https://0x7f.1")}, "forbidden-source", "not written plainly"),
        ({"gcs": {"service_account_key": CANARY}}, "validation", "not the JSON document"),
        (
            {"gcs": {"service_account_key": service_account("service_account", CANARY)}},
            "validation",
            "no RSA private key",
        ),
        (
            {"gcs": {"service_account_key": service_account("authorized_user", CANARY)}},
            "validation",
            "not of the type service_account",
        ),
        ({"postgresql": postgresql(host="/var/run/postgresql")}, "forbidden-source", "no socket"),
        ({"postgresql": postgresql(host="@abstract")}, "forbidden-source", "no socket"),
        ({"postgresql": postgresql(host="1.1.1.1,8.8.8.8")}, "forbidden-source", "no list"),
        ({"postgresql": postgresql(host="1.1.1.1 hostaddr=127.0.0.1")}, "forbidden-source", "no options"),
        ({"postgresql": postgresql(host="1.1.1.1/?hostaddr=127.0.0.1#")}, "forbidden-source", "no options"),
        (
            {"postgresql": postgresql(host="db.example.com/")},
            "forbidden-source",
            "more than a host",
        ),
        ({"postgresql": postgresql(host="localhost")}, "forbidden-source", "cannot be found"),
        ({"postgresql": postgresql(host="127.1")}, "forbidden-source", "not written plainly"),
        ({"postgresql": postgresql(host="0177.0.0.1")}, "forbidden-source", "not written plainly"),
        ({"postgresql": postgresql(host="2130706433")}, "forbidden-source", "not written plainly"),
        ({"postgresql": postgresql(host="::1")}, "forbidden-source", "loopback"),
        ({"postgresql": postgresql(host="::ffff:127.0.0.1")}, "forbidden-source", "public internet"),
        ({"postgresql": postgresql(host="64:ff9b::7f00:1")}, "forbidden-source", "public internet"),
        ({"postgresql": postgresql(host="10.0.0.7")}, "forbidden-source", "private"),
        ({"postgresql": postgresql(port=22)}, "forbidden-source", "port 22"),
        ({"postgresql": postgresql(sslmode="disable")}, "forbidden-source", "not encrypted"),
        ({"postgresql": postgresql(ca_certificate=CANARY)}, "validation", "no certificate in PEM"),
    ],
)
async def test_what_cannot_be_used_or_points_inside_is_refused(secrets, code, words):
    with pytest.raises(ProblemError, match=words) as caught:
        await create(secrets)
    assert caught.value.code == code
    assert CANARY not in repr(caught.value)


async def test_no_secrets_at_all_are_refused():
    with pytest.raises(ProblemError) as caught:
        await create({})
    assert caught.value.detail == (
        "The request does not fit the contract: the body holds no secrets; give exactly one of s3, gcs and "
        "postgresql."
    )
