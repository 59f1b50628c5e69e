"""What the rules are given and what they yield."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codegen.audience import find_audience
from codegen.grammar import walk
from codegen.operations import read_operations

if TYPE_CHECKING:
    from codegen.audience import Audience
    from codegen.operations import Operation


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule: its id, where it is broken, what is wrong and what to do."""

    where: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: [{self.rule}] {self.message}"


class Contract:
    """A bundled document as the rules read it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation."""
        return read_operations(self.document)

    @cached_property
    def audience(self) -> Audience:
        """Who reads which schema."""
        return find_audience(self.document, self.operations)

    @cached_property
    def objects(self) -> tuple[tuple[str, str, Any], ...]:
        """Every object of the document as (pointer, kind, object)."""
        return tuple(walk("document", self.document))
