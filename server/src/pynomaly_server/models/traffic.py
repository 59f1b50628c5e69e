"""Where an alias sends its requests: to one version, or to two in shares, or to one and a shadow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from pynomaly_server.contract.structs import DetectionRequest, ModelAliasTarget, PredictionRequest
from pynomaly_server.problems import Fault, invalid

_DIGEST_BYTES: Final = 8
_DIGESTS: Final = 1 << 8 * _DIGEST_BYTES

Fingerprint = Callable[[], bytes]
"""What a request is told from others by; it is asked for only where that decides which version scores it."""


class Pointing(Protocol):
    """A row that says where an alias points or has pointed."""

    version: int
    canary_version: int | None
    canary_share: float | None
    shadow_version: int | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Target:
    """The versions behind an alias: `canary` scores `canary_share` of the requests, `shadow` none of them.

    `threshold` is the least score, on a version's own scale, of rows that are anomalous through the alias;
    None where the versions say so.
    """

    version: int
    canary: int | None = None
    canary_share: float | None = None
    shadow: int | None = None
    threshold: float | None = None

    @classmethod
    def asked(cls, body: ModelAliasTarget) -> Target:
        """What a caller wants.

        Raises:
            ProblemError: `validation` where versions are named that do not go together.
        """
        canary = body.canary
        faults = []
        if canary is not None and body.shadow is not None:
            faults.append(Fault("/shadow", "excludes canary: name either of them"))
        if canary is not None and canary.version == body.version:
            faults.append(Fault("/canary/version", "is the alias' own version; name another"))
        if body.shadow == body.version:
            faults.append(Fault("/shadow", "is the alias' own version; name another"))
        if faults:
            raise invalid(faults)
        if canary is None:
            return cls(body.version, shadow=body.shadow, threshold=body.threshold)
        return cls(body.version, canary.version, canary.share, body.shadow, body.threshold)

    @classmethod
    def of(cls, row: Pointing) -> Target:
        """What a row says."""
        return cls(row.version, row.canary_version, row.canary_share, row.shadow_version, row.threshold)

    @property
    def versions(self) -> list[int]:
        """All of them, the alias' own first."""
        return [each for each in (self.version, self.canary, self.shadow) if each is not None]

    def among(self, kept: set[int]) -> Target:
        """The same without a canary or shadow that is not one of these versions."""
        canary = self.canary if self.canary in kept else None
        return Target(
            self.version,
            canary,
            None if canary is None else self.canary_share,
            self.shadow if self.shadow in kept else None,
            self.threshold,
        )


def to_canary(salt: str, fingerprint: bytes, share: float) -> bool:
    """Whether the canary scores a request, by a hash of what it is told from others by.

    The same request meets the same version; with a larger share the canary keeps those that it had.

    Args:
        salt: Keeps two aliases from choosing the same requests.
        fingerprint: The request.
        share: The share of all requests, in (0, 1).
    """
    key = hashlib.blake2b(salt.encode(), digest_size=hashlib.blake2b.MAX_KEY_SIZE).digest()
    digest = hashlib.blake2b(fingerprint, digest_size=_DIGEST_BYTES, key=key).digest()
    return int.from_bytes(digest) < share * _DIGESTS


def fingerprint_of_rows(request: PredictionRequest | DetectionRequest) -> bytes:
    """What decoded rows are told from others by."""
    return msgspec.json.encode((list(request.data), request.column_names))
