"""The kinds of credentials: what their secrets are, and where these are used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pynomaly_server.contract.structs import CredentialRequest, GcsSecrets, PostgresqlSecrets, S3Secrets
from pynomaly_server.outbound.guard import WEB_PORTS
from pynomaly_server.outbound.urls import ForbiddenTargetError, Target, parse_target
from pynomaly_server.problems import Fault, ProblemError, invalid

Secrets = S3Secrets | GcsSecrets | PostgresqlSecrets

S3: Final = "s3"
GCS: Final = "gcs"
POSTGRESQL: Final = "postgresql"
POSTGRESQL_PORTS: Final = frozenset({5432, 6432})
"""The server's own port, and the usual one of poolers."""
GOOGLE: Final = "https://storage.googleapis.com"
_STRUCTS: Final[dict[str, type[Secrets]]] = {S3: S3Secrets, GCS: GcsSecrets, POSTGRESQL: PostgresqlSecrets}
_KEY_PLACE: Final = "/gcs/service_account_key"
_HINT_CHARACTERS: Final = 4
_LONGEST_HINT: Final = 255
_LONGEST_KEY: Final = 4_096
"""Characters of a private key in PEM: one of 4096 bits has 3,300, and to test a longer one takes seconds."""


class ServiceAccount(msgspec.Struct):
    """What is used of the key of a Google service account."""

    type: str
    client_email: str
    private_key: str

    def rsa_key(self) -> RSAPrivateKey:
        """The private key, which `check` has looked at; raises `ValueError` or `TypeError`."""
        # Its primes were tested when it was stored; again for each request that takes a tenth of a second.
        return _rsa(
            load_pem_private_key(
                self.private_key.encode(), password=None, unsafe_skip_rsa_key_validation=True
            )
        )

    def check(self) -> None:
        """Test the private key, which takes up to a second; raises `ValueError` or `TypeError`."""
        if len(self.private_key) > _LONGEST_KEY:
            raise ValueError("a key of more than 4096 bits")
        _rsa(load_pem_private_key(self.private_key.encode(), password=None))


def _rsa(key: PrivateKeyTypes) -> RSAPrivateKey:
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


@dataclass(frozen=True, slots=True)
class Described:
    """What may be said of a credential: its kind, what to tell it by, and where it is used, at which ports.

    `is_named` is whether the caller named that place.
    """

    kind: str
    hint: str
    target: Target
    ports: frozenset[int]
    is_named: bool = True


def secrets_in(request: CredentialRequest) -> Secrets:
    """The secrets of a request, of whatever kind.

    Raises:
        ProblemError: `validation`, where there are none, or several kinds.
    """
    given = [each for each in (request.s3, request.gcs, request.postgresql) if each is not None]
    if len(given) != 1:
        said = "holds the secrets of several kinds" if given else "holds no secrets"
        raise invalid([Fault("", f"{said}; give exactly one of s3, gcs and postgresql")])
    return given[0]


def kind_of(secrets: Secrets) -> str:
    """The kind that secrets are of."""
    return next(kind for kind, struct in _STRUCTS.items() if isinstance(secrets, struct))


def encoded(secrets: Secrets) -> bytes:
    """Secrets as they are sealed."""
    return msgspec.json.encode(secrets)


def decoded(kind: str, text: bytes) -> Secrets:
    """Secrets as they were before `encoded`."""
    return msgspec.json.decode(text, type=_STRUCTS[kind])


def describe(secrets: Secrets) -> Described:
    """Look at secrets without using them; for threads, since the test of a private key takes its time.

    Raises:
        ProblemError: `validation` or `forbidden-source`, naming the field and never its value where that is
            secret.
    """
    if isinstance(secrets, S3Secrets):
        target = _endpoint("/s3/endpoint", secrets.endpoint or f"https://s3.{secrets.region}.amazonaws.com")
        hint = "…" + secrets.access_key_id[-_HINT_CHARACTERS:]
        return Described(S3, hint, target, WEB_PORTS, is_named=bool(secrets.endpoint))
    if isinstance(secrets, GcsSecrets):
        account = service_account(secrets)
        _check_key(account)
        target = _endpoint("/gcs/endpoint", secrets.endpoint or GOOGLE)
        hint = account.client_email[:_LONGEST_HINT]
        return Described(GCS, hint, target, WEB_PORTS, is_named=bool(secrets.endpoint))
    return Described(POSTGRESQL, secrets.user, _server(secrets), POSTGRESQL_PORTS)


def server_url(secrets: PostgresqlSecrets) -> str:
    """The URL of the server, to be parsed; a host that is none makes it none."""
    host = f"[{secrets.host}]" if ":" in secrets.host else secrets.host
    return f"postgresql://{host}:{secrets.port}/"


def service_account(secrets: GcsSecrets) -> ServiceAccount:
    """The service account that a key is of; raises `ProblemError` `validation`."""
    try:
        account = msgspec.json.decode(secrets.service_account_key, type=ServiceAccount)
    except (msgspec.MsgspecError, UnicodeError):
        raise invalid(
            [
                Fault(
                    _KEY_PLACE,
                    "is not the JSON document of a service account; paste the file as Google made it",
                )
            ]
        ) from None
    if account.type != "service_account":
        raise invalid(
            [Fault(_KEY_PLACE, "is not of the type service_account; make a key of a service account")]
        )
    return account


def _check_key(account: ServiceAccount) -> None:
    try:
        account.check()
    except Exception:  # noqa: BLE001 - whatever the library says of a key may quote it
        raise invalid(
            [
                Fault(
                    _KEY_PLACE,
                    "holds no RSA private key of at most 4096 bits; paste the file as Google made it",
                )
            ]
        ) from None


def _endpoint(place: str, url: str) -> Target:
    try:
        target = parse_target(url)
    except ForbiddenTargetError as error:
        raise _forbidden(place, str(error)) from None
    if target.path != "/" or target.query:
        raise invalid([Fault(place, "has a path or a query; give scheme, host and port alone")])
    return target


def _server(secrets: PostgresqlSecrets) -> Target:
    if secrets.ca_certificate:
        try:
            x509.load_pem_x509_certificates(secrets.ca_certificate.encode())
        except ValueError:
            raise invalid(
                [Fault("/postgresql/ca_certificate", "holds no certificate in PEM; begin it with -----BEGIN")]
            ) from None
    place = "/postgresql/host"
    try:
        target = parse_target(server_url(secrets), (POSTGRESQL,))
    except ForbiddenTargetError:
        # What is no host is not repeated as the URL that it was never part of.
        raise _forbidden(
            place,
            "The PostgreSQL host is not written plainly. Write one name in ASCII without a dot at its end, "
            "an IPv4 address as four decimal numbers, or an IPv6 address; no socket, no list and no options.",
        ) from None
    if target.path != "/" or target.query:
        raise _forbidden(place, "The PostgreSQL host holds more than a host. Give the host alone.")
    return replace(target, encrypted=secrets.sslmode != "disable")


def _forbidden(place: str, detail: str) -> ProblemError:
    return ProblemError("forbidden-source", detail, [Fault(place, detail)])
