"""What callers write to name a model: `name`, `name@version` or `name@alias`; an id does for a name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

LATEST: Final = "latest"
"""No alias can be called so: it says what a bare name says."""
_LONGEST_NUMBER: Final = 9
_ID: Final = re.compile(r"mdl_[0-9a-f]{32}")


class Reference(msgspec.Struct, frozen=True):
    """A model by name or id, and which version: a certain one, an alias's, or else the newest."""

    model: str
    version: int | None = None
    alias: str | None = None

    def __str__(self) -> str:
        which = self.version or self.alias
        return f"{self.model}@{which}" if which else self.model


@lru_cache(maxsize=4_096)
def parse(text: str) -> Reference:
    """The reference that a caller has written in the contract's form."""
    model, _, which = text.partition("@")
    if not which or which == LATEST:
        return Reference(model)
    # No alias begins with a digit, so a number longer than any version's is the name of nothing.
    is_version = which.isdigit() and len(which) <= _LONGEST_NUMBER
    return Reference(model, version=int(which)) if is_version else Reference(model, alias=which)


def is_id(name: str) -> bool:
    """Whether this is the id of a model, and so no name for one."""
    return _ID.fullmatch(name) is not None
