"""Access tokens: what is in one, and everything that is not one (RFC 8725)."""

from __future__ import annotations

import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from pynomaly_server.auth.access_tokens import AccessTokens
from pynomaly_server.auth.refresh_tokens import RefreshTokens
from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm

SECRET = "a" * 40
NOW = 1_800_000_000
LIVES = 900
_JWS = jwt.PyJWS(algorithms=["EdDSA", "HS256", "HS512", "RS256", "none"])


@pytest.fixture
def keys(sessions, clock):
    return SigningKeys(sessions, SECRET, TokenAlgorithm.EDDSA, LIVES, clock)


@pytest.fixture
def tokens(keys):
    return AccessTokens(keys, LIVES, lambda: NOW)


async def issued(tokens):
    return tokens.issue(await tokens.signer(), "usr_1", "ses_1")


def encoded(part):
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture
async def forge(tokens):
    """Signs with the server's own key what the server would not: claims and headers changed at will."""
    signer = await tokens.signer()
    good = decoded(tokens.issue(signer, "usr_1", "ses_1").split(".")[1])

    def forged(*, without=(), header=None, raw=None, **claims):
        body = {name: value for name, value in (good | claims).items() if name not in without}
        payload = json.dumps(body).encode() if raw is None else raw
        headers = {"typ": "at+jwt", "kid": signer.key_id} | (header or {})
        return _JWS.encode(payload, signer.private, algorithm="EdDSA", headers=headers)

    forged.good, forged.signer = good, signer
    return forged


async def test_a_token_says_who_for_whom_since_when_and_until_when(tokens):
    header, payload, _ = (await issued(tokens)).split(".")
    assert decoded(header).keys() == {"alg", "kid", "typ"}
    assert decoded(header)["alg"] == "EdDSA"
    assert decoded(header)["typ"] == "at+jwt"
    claims = decoded(payload)
    assert claims.pop("jti")
    assert claims == {
        "iss": "pynomaly", "aud": "pynomaly-api", "sub": "usr_1", "sid": "ses_1",
        "iat": NOW, "nbf": NOW, "exp": NOW + LIVES,
    }  # fmt: skip


async def test_a_token_is_read_as_it_was_issued(tokens):
    claims = await tokens.read(await issued(tokens))
    assert (claims.sub, claims.sid) == ("usr_1", "ses_1")
    assert tokens.seconds_left(claims) == LIVES


async def test_what_the_test_forges_is_good_while_nothing_is_changed(tokens, forge):
    assert await tokens.read(forge()) is not None


@pytest.mark.parametrize("algorithm", list(TokenAlgorithm))
async def test_both_algorithms_sign_and_verify(sessions, algorithm):
    tokens = AccessTokens(SigningKeys(sessions, SECRET, algorithm, LIVES), LIVES, lambda: NOW)
    token = await issued(tokens)
    assert decoded(token.split(".")[0])["alg"] == algorithm
    assert (await tokens.read(token)).sub == "usr_1"


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"])
async def test_a_token_without_a_required_claim_is_refused(tokens, forge, name):
    assert await tokens.read(forge(without=[name])) is None


BAD_CLAIMS = {
    "expired": {"exp": NOW},
    "expired long ago": {"exp": 0},
    "exp as text": {"exp": str(NOW + LIVES)},
    "exp as a list": {"exp": [NOW + LIVES]},
    "exp true": {"exp": True},
    "exp null": {"exp": None},
    "another issuer": {"iss": "pynomaly.example"},
    "another audience": {"aud": "pynomaly-docs"},
    "several audiences": {"aud": ["pynomaly-api", "pynomaly-docs"]},
    "not yet good": {"nbf": NOW + 3600},
    "from the future": {"iat": NOW + 3600},
    "no subject": {"sub": None},
    "one claim more": {"scope": "*"},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
async def test_a_token_with_bad_claims_is_refused_though_the_signature_is_good(tokens, forge, claims):
    assert await tokens.read(forge(**claims)) is None


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000, "1800000900.5"])
async def test_a_token_that_expires_at_no_number_of_seconds_is_refused(tokens, forge, number):
    raw = json.dumps(forge.good | {"exp": 0}).replace('"exp": 0', f'"exp": {number}').encode()
    assert await tokens.read(forge(raw=raw)) is None


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"\xff", b"[" * 5000, b"{" * 5000, b'{"a":' * 3000])
async def test_a_signed_payload_that_is_no_object_of_claims_is_refused(tokens, forge, raw):
    assert await tokens.read(forge(raw=raw)) is None


BAD_HEADERS = {
    "another type": {"typ": "JWT"},
    "a refresh token's type": {"typ": "rt+jwt"},
    "an unknown kid": {"kid": "sig_0190c8f2a4b87c3e9d1f6a5b4c3d2e1f"},
    "a kid that is a path": {"kid": "../../../../dev/null"},
    "a kid that is SQL": {"kid": "' OR '1'='1"},
    "a key of its own": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
    "the address of keys": {"jku": "https://example.com/keys.json"},
    "the address of certificates": {"x5u": "https://example.com/keys.pem"},
    "an unknown extension that is critical": {"crit": ["exp2"], "exp2": 1},
    "one more field": {"cty": "JWT"},
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
async def test_a_token_with_another_header_is_refused_though_the_signature_is_good(tokens, forge, header):
    assert await tokens.read(forge(header=header)) is None


async def test_a_token_without_a_kid_is_refused(tokens, forge):
    token = _JWS.encode(
        json.dumps(forge.good).encode(), forge.signer.private, algorithm="EdDSA", headers={"typ": "at+jwt"}
    )
    assert await tokens.read(token) is None


def public_pem(key):
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_a_token_that_is_not_signed_is_refused(tokens, forge, algorithm):
    header = {"alg": algorithm, "typ": "at+jwt", "kid": forge.signer.key_id}
    for signature in ("", "AAAA"):
        token = f"{encoded(header)}.{encoded(forge.good)}.{signature}"
        assert await tokens.read(token) is None


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(tokens, forge, algorithm):
    public = forge.signer.public
    for secret in (public_pem(public), public.public_bytes_raw()):
        header = {"alg": algorithm, "typ": "at+jwt", "kid": forge.signer.key_id}
        signed = f"{encoded(header)}.{encoded(forge.good)}"
        mac = hmac.digest(secret, signed.encode(), algorithm.replace("HS", "sha"))
        assert await tokens.read(f"{signed}.{encoded(mac)}") is None


async def test_a_token_of_another_algorithm_is_refused(tokens, forge):
    key = rsa.generate_private_key(65537, 2048)
    headers = {"typ": "at+jwt", "kid": forge.signer.key_id}
    token = _JWS.encode(json.dumps(forge.good).encode(), key, algorithm="RS256", headers=headers)
    assert await tokens.read(token) is None


async def test_a_token_of_another_key_under_our_kid_is_refused(tokens, forge):
    key = ed25519.Ed25519PrivateKey.generate()
    headers = {"typ": "at+jwt", "kid": forge.signer.key_id}
    token = _JWS.encode(json.dumps(forge.good).encode(), key, algorithm="EdDSA", headers=headers)
    assert await tokens.read(token) is None


async def test_a_token_of_another_server_is_refused(tokens, sessions, clock):
    other = AccessTokens(
        SigningKeys(sessions, "b" * 40, TokenAlgorithm.EDDSA, LIVES, clock), LIVES, lambda: NOW
    )
    # The same rows, and so the same kid and the same header: the secret key alone differs.
    assert await other.read(await issued(tokens)) is None


async def test_no_character_of_a_token_can_be_changed(tokens):
    token = await issued(tokens)
    for position in range(0, len(token), 7):
        for character in "A=.!":
            changed = token[:position] + character + token[position + 1 :]
            assert changed == token or await tokens.read(changed) is None


async def test_what_is_no_token_is_refused(tokens):
    good = await issued(tokens)
    for text in (
        "",
        ".",
        "..",
        "a.b.c",
        good + ".",
        good + "=",
        " " + good,
        good[:-1],
        "\u00e9" + good,
        good * 50,
    ):
        assert await tokens.read(text) is None
    assert await tokens.read(RefreshTokens(SECRET).make(RefreshTokens.new_prefix())) is None


async def test_clocks_may_be_apart_a_little(tokens, forge):
    assert await tokens.read(forge(nbf=NOW + 10, iat=NOW + 10)) is not None


async def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies(tokens, keys, clock):
    old = await issued(tokens)
    key_id = await keys.rotate()
    clock.now += 1
    new = await issued(tokens)
    assert decoded(new.split(".")[0])["kid"] == key_id
    assert decoded(old.split(".")[0])["kid"] != key_id
    assert await tokens.read(old) is not None
    assert await tokens.read(new) is not None


async def test_after_a_rotation_at_once_no_token_of_the_old_key_is_good(tokens, keys, clock):
    old = await issued(tokens)
    await keys.rotate(at_once=True)
    clock.now += 1
    assert await tokens.read(old) is None


async def test_another_algorithm_brings_a_key_of_its_own_and_ends_no_token(tokens, sessions, clock):
    old = await issued(tokens)
    keys = SigningKeys(sessions, SECRET, TokenAlgorithm.HS256, LIVES, clock)
    later = AccessTokens(keys, LIVES, lambda: NOW)
    new = await issued(later)
    assert decoded(new.split(".")[0])["alg"] == "HS256"
    assert await later.read(old) is not None


async def test_a_key_that_is_looked_up_once_is_not_looked_up_per_token(tokens, sessions):
    import sqlalchemy as sa

    token = await issued(tokens)
    queries = []
    sa.event.listen(sessions.engine.sync_engine, "before_cursor_execute", lambda *_: queries.append(1))
    for _ in range(10):
        await tokens.read(token)
    assert queries == []


async def test_keys_hide_themselves(tokens):
    signer = await tokens.signer()
    assert "Private" not in repr(signer)
    assert "private" not in repr(signer)
