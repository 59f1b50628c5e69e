"""Aliases of the fake server's models: where they point, where they pointed, and which version scores."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from pynomaly._generated.models import ModelAliasTarget
from pynomaly.testing.problems import Refusal
from pynomaly.testing.replies import CALLER

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Target:
    """The versions behind an alias.

    Attributes:
        version: The one that scores.
        canary: One that scores `share` of the requests in its place.
        share: That share, between 0 and 1.
        shadow: One that is compared at a real server, and does nothing here.
        threshold: The score of a version from which rows are anomalous through the alias.
    """

    version: int
    canary: int | None = None
    share: float | None = None
    shadow: int | None = None
    threshold: float | None = None

    @classmethod
    def asked(cls, body: ModelAliasTarget) -> Target:
        """What a caller wants; raises `Refusal` `validation` where versions do not go together."""
        faults: list[tuple[str, str]] = []
        canary = body.canary
        if canary is not None and body.shadow is not None:
            faults.append(("/shadow", "excludes canary: name either of them"))
        if canary is not None and canary.version == body.version:
            faults.append(("/canary/version", "is the alias' own version; name another"))
        if body.shadow == body.version:
            faults.append(("/shadow", "is the alias' own version; name another"))
        if faults:
            listed = "; ".join(f"{pointer} {detail}" for pointer, detail in faults)
            raise Refusal("validation", f"The request does not fit the contract: {listed}.", faults)
        return cls(
            body.version,
            None if canary is None else canary.version,
            None if canary is None else canary.share,
            body.shadow,
            body.threshold,
        )

    @property
    def versions(self) -> list[int]:
        """All of them, the one that scores first."""
        return [each for each in (self.version, self.canary, self.shadow) if each is not None]

    def among(self, there: Collection[int]) -> Target:
        """Without a canary or a shadow that is not there any more."""
        kept = self
        if self.canary not in there:
            kept = replace(kept, canary=None, share=None)
        return kept if self.shadow in there else replace(kept, shadow=None)

    def scoring(self, salt: str, content: bytes) -> int:
        """The version that scores a request, always the same one for the same bytes."""
        if self.canary is None or self.share is None:
            return self.version
        key = hashlib.blake2b(salt.encode()).digest()
        digest = hashlib.blake2b(content, digest_size=_DIGEST_BYTES, key=key).digest()
        is_canary = int.from_bytes(digest) < self.share * (1 << 8 * _DIGEST_BYTES)
        return self.canary if is_canary else self.version

    def document(self) -> dict[str, Any]:
        """In the contract's words."""
        canary = None if self.canary is None else {"version": self.canary, "share": self.share}
        return {
            "version": self.version,
            "canary": canary,
            "shadow": self.shadow,
            "threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alias.

    Attributes:
        target: Where it pointed from then on.
        before: Place of the change that a step back leads to.
        rollback: Whether this was a step back.
        at: When, in ISO 8601.
    """

    target: Target
    before: int | None
    rollback: bool
    at: str


@dataclass
class Alias:
    """An alias with all of its changes, the oldest first.

    Attributes:
        name: Its name.
        changes: The changes.
    """

    name: str
    changes: list[Change] = field(default_factory=list[Change])

    @property
    def target(self) -> Target:
        """Where it points."""
        return self.changes[-1].target

    def point(self, target: Target, at: str) -> None:
        """Point it somewhere; where it points there already, nothing changes."""
        if not self.changes or self.target != target:
            before = len(self.changes) - 1 if self.changes else None
            self.changes.append(Change(target, before, False, at))

    def roll_back(self, there: Collection[int], at: str) -> bool:
        """Undo the last change; False where there is none that can be undone.

        Args:
            there: The versions that are not deleted.
            at: When, in ISO 8601.
        """
        back = self.changes[-1].before
        while back is not None:
            change = self.changes[back]
            target = change.target.among(there)
            if target.version in there and target != self.target:
                self.changes.append(Change(target, change.before, True, at))
                return True
            back = change.before
        return False

    def document(self) -> dict[str, Any]:
        """In the contract's words."""
        return {
            "alias": self.name,
            **self.target.document(),
            "changed_at": self.changes[-1].at,
            "changed_by": CALLER,
        }

    def history(self) -> dict[str, Any]:
        """With its changes, the newest first."""
        changes = [
            {
                **change.target.document(),
                "rollback": change.rollback,
                "reason": None,
                "changed_at": change.at,
                "changed_by": CALLER,
            }
            for change in reversed(self.changes)
        ]
        return {**self.document(), "history": changes}
