"""Turns the credential of a request into a `Principal`; refuses what the operation's scopes do not allow."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Final, Protocol

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.operations import Operation
from pynomaly_server.problems import ProblemError
from pynomaly_server.ratelimit.limiter import RateLimiter

if TYPE_CHECKING:
    from litestar.types import HTTPScope

MAX_CREDENTIAL_BYTES: Final = 8 * 1024
CREDENTIAL_HEADERS: Final = (b"authorization", b"x-api-key")
_HOW: Final = (
    "Send an API key, or the access token of a user, in the header Authorization behind the word `Bearer`; "
    "a key may also come in the header X-API-Key"
)


class Authenticator(Protocol):
    """What is asked of those who know credentials."""

    def authenticate(self, credential: str) -> Awaitable[Principal | None]:
        """The caller behind `credential`, or None where it is not valid."""
        ...


class Admission:
    """Lets in who has a valid credential, a limit that is not used up, and the right to what is asked for."""

    def __init__(self, authenticator: Authenticator, limiter: RateLimiter) -> None:
        self._authenticator = authenticator
        self._limiter = limiter

    async def let_in(self, scope: HTTPScope, operation: Operation) -> None:
        """Put the caller of an operation that is not public into the scope as `user`.

        Raises:
            ProblemError: what keeps the caller out.
        """
        state = scope["state"]
        # Whoever lacks a scope is known all the same, to the audit log and to the limits for two.
        scope["user"] = principal = await self._principal(scope["headers"])
        state["caller"] = principal.subject
        allowance = state["allowance"] = self._limiter.of_caller(principal, operation)
        await allowance.begin()
        _check_scopes(operation, principal)

    async def _principal(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        principal = await self._authenticator.authenticate(credential(headers))
        if principal is None:
            raise ProblemError(
                "unauthenticated",
                "The API key or access token is not valid: it is unknown, expired or revoked. Check it, get "
                "another, or renew the token with refreshToken.",
            )
        return principal


def _check_scopes(operation: Operation, principal: Principal) -> None:
    missing = [scope for scope in operation.scopes if not principal.may(scope)]
    if missing:
        raise ProblemError(
            "forbidden",
            f"{operation.operation_id} needs the scope {missing[0]!r}, which this caller lacks. "
            "Use an API key that has it, or ask an admin for another role.",
        )


def credential(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The one credential of a request.

    Raises:
        ProblemError: `unauthenticated` where there is none, more than one, or one of another scheme.
    """
    found: list[bytes] = []
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.strip().partition(b" ")
            if scheme.lower() != b"bearer":
                raise ProblemError(
                    "unauthenticated", f"The Authorization header does not hold a bearer token. {_HOW}."
                )
            found.append(token.strip())
        elif name == b"x-api-key":
            found.append(value.strip())
    if not found or not any(found):
        raise ProblemError(
            "unauthenticated",
            f"No credential was sent. {_HOW}. `pynomaly serve` says where the first key was put.",
        )
    if len(set(found)) > 1:
        raise ProblemError("unauthenticated", f"More than one credential was sent. {_HOW}, one of them.")
    if len(found[0]) > MAX_CREDENTIAL_BYTES or not found[0].isascii():
        raise ProblemError("unauthenticated", f"The credential is neither. {_HOW}.")
    return found[0].decode("ascii")
