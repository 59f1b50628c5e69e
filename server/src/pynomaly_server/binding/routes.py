"""Finds the operation of a request whose path is written as in the contract."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    """What may follow on a part of a path."""

    __slots__ = ("of_any", "of_text", "targets")

    def __init__(self) -> None:
        self.of_text: dict[str, _Node[T]] = {}
        self.of_any: _Node[T] | None = None
        self.targets: dict[str, tuple[T, tuple[str, ...]]] = {}


class Routes(Generic[T]):
    """Routes by method and path; parts in braces stand for any text without a slash.

    A part that is written out comes before one in braces, and is not left for it again: as Litestar's router
    does, so that both find the same or one of them nothing. That router also takes a slash at the end, two
    in a row, and methods of its own; those are not found here.
    """

    def __init__(self, routes: Iterable[tuple[str, str, T]]) -> None:
        self._root: _Node[T] = _Node()
        for method, path, target in routes:
            node, names = self._root, []
            for part in path.split("/")[1:]:
                if part.startswith("{"):
                    names.append(part[1:-1])
                    node.of_any = node = node.of_any or _Node()
                else:
                    node = node.of_text.setdefault(part, _Node())
            node.targets[method] = target, tuple(names)

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """What a route leads to and what its parts in braces are; None where there is none."""
        node, values = self._root, []
        first, *parts = path.split("/")
        if first:
            return None
        for part in parts:
            known = node.of_text.get(part)
            if known is None:
                known = node.of_any
                if known is None or not part:
                    return None
                values.append(part)
            node = known
        found = node.targets.get(method)
        return None if found is None else (found[0], dict(zip(found[1], values, strict=True)))
