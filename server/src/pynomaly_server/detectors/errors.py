"""What a detector refuses, in words a caller can act on."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class DetectorError(Exception):
    """Base of every refusal of the engine.

    `code` is the stable name of the kind of refusal, `detail` the sentence for the caller, and `pointer`
    (where the fault lies in one field of the request) its JSON pointer.
    """

    code: ClassVar[str] = "validation"

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class TooFewRows(DetectorError):  # noqa: N818 - named by what is wrong, as callers catch it
    """The table has fewer rows than the algorithm can learn from."""

    code: ClassVar[str] = "too-few-rows"

    def __init__(self, needed: int, given: int, algorithm: str) -> None:
        super().__init__(
            f"{algorithm} learns from at least {needed} rows, not {given}. "
            "Send more rows in one request, or score the rows with a model that was trained before."
        )
        self.needed = needed
        self.given = given
        self.algorithm = algorithm


class InvalidParameter(DetectorError):  # noqa: N818
    """A parameter of the request is unknown, of the wrong type or out of its range."""

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail, pointer)


class UnknownAlgorithm(DetectorError):  # noqa: N818
    """No algorithm goes by the name that was asked for."""

    def __init__(self, name: str, known: Sequence[str], spellings: Sequence[str]) -> None:
        super().__init__(
            f"There is no algorithm {name[:80]!r}.{did_you_mean(name, spellings)} "
            f"The algorithms are {', '.join(known)}.",
            "/algorithm",
        )
        self.name = name


class AlgorithmUnavailable(DetectorError):  # noqa: N818
    """The algorithm is known, but what it is built on is not installed here."""

    code: ClassVar[str] = "algorithm-unavailable"

    def __init__(self, name: str, extra: str | None) -> None:
        remedy = f"Install pynomaly-server[{extra}]" if extra else "Install what it needs"
        super().__init__(
            f"{name} cannot run on this server: what it is built on is not installed. {remedy}, or take an "
            "algorithm that GET /api/v1/algorithms lists as available.",
            "/algorithm",
        )


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """` Did you mean 'x'?` for the nearest of `known`, or an empty string where none is near."""
    nearest = get_close_matches(given.lower(), known, n=1, cutoff=0.5)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""
