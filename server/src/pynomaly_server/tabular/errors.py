"""What makes a table unusable, in words that name the place and the remedy."""

from __future__ import annotations

from typing import ClassVar


class TableError(Exception):
    """Base of every refusal of a table.

    `code` is the stable name of the kind of refusal, `detail` the sentence for the caller, and `pointer`
    (where an option rather than the data is at fault) its JSON pointer in the request.
    """

    code: ClassVar[str] = "bad-dataset"

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class BadTable(TableError):  # noqa: N818 - named by what is wrong, as callers catch it
    """The data is not the table its media type promises, or holds values no column can have."""


class TableTooLarge(TableError):  # noqa: N818
    """The table is over a limit: `limit` names it, `given` (at least) and `allowed` are its figures."""

    code: ClassVar[str] = "payload-too-large"

    def __init__(self, limit: str, given: int, allowed: int, where: str = "The table") -> None:
        super().__init__(f"{where} has {given:,} {limit}; at most {allowed:,} are taken.")
        self.limit = limit
        self.given = given
        self.allowed = allowed


class BadOption(TableError):  # noqa: N818
    """An option names a column the table does not have, or asks for what its values do not allow."""

    code: ClassVar[str] = "validation"

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail, pointer)


def quoted(text: str) -> str:
    """A name or value as a message quotes it: control characters escaped, cut after 60 characters."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def at_row(index: int) -> str:
    """The place of the row at this position; people count from 1."""
    return f"row {index + 1:,} (counting from 1)"
