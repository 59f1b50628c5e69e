"""What the driver needs to know of an operation; the generated operation table provides it."""

from __future__ import annotations

from typing import Protocol

from pynomaly.errors import ConfigurationError

# The contract's timeout classes, in seconds.
_TIMEOUTS = {"short": 10.0, "normal": 30.0, "long": 120.0}


class Operation(Protocol):
    """One operation of the contract."""

    @property
    def id(self) -> str:
        """Its `operationId`."""
        ...

    @property
    def method(self) -> str:
        """HTTP method."""
        ...

    @property
    def path(self) -> str:
        """Path below `/api/v1`, with `{names}` of its parameters."""
        ...

    @property
    def retry(self) -> str:
        """`safe`, `idempotency-key` or `never`."""
        ...

    @property
    def timeout(self) -> str:
        """`short`, `normal` or `long`."""
        ...

    @property
    def breaker(self) -> str:
        """Group of operations that share a circuit breaker."""
        ...


def default_timeout(op: Operation) -> float:
    """Seconds that a call of this operation may take where nobody says otherwise."""
    try:
        return _TIMEOUTS[op.timeout]
    except KeyError:
        raise ConfigurationError(
            f"{op.id} has the unknown timeout class {op.timeout!r}; update pynomaly-sdk."
        ) from None
