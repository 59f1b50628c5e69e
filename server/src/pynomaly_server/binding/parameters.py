"""Query, path and header parameters of one operation, decoded into the contract's structs."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec

from pynomaly_server.binding import json_body
from pynomaly_server.binding.headers import FirstHeaders
from pynomaly_server.problems import Fault, ProblemError, invalid

T = TypeVar("T", bound=msgspec.Struct)

MAX_PARAMETERS: Final = 2_000


class QueryDecoder(typing.Generic[T]):
    """Decodes a raw query string into the struct `into`; what the contract does not name is refused."""

    def __init__(self, into: type[T], operation_id: str) -> None:
        self._into = into
        self._operation_id = operation_id
        fields = msgspec.structs.fields(into)
        self._nothing: T | None = None
        self._names = [field.encode_name for field in fields]
        self._arrays = {field.encode_name for field in fields if _holds(field.type, list)}
        self._json = {
            field.encode_name: field.type
            for field in fields
            if _holds(field.type, dict) or _holds(field.type, msgspec.Struct)
        }

    def decode(self, query_string: bytes) -> tuple[T, frozenset[str]]:
        """The struct, and the names that the caller gave.

        Raises:
            ProblemError: `bad-request` for a query that is not URL-encoded UTF-8, `validation` for the rest.
        """
        if not query_string:
            if self._nothing is None:
                self._nothing = _convert({}, self._into, "?")
            return copy(self._nothing), frozenset()
        given: dict[str, Any] = {}
        for name, text in parse_query(query_string):
            if name not in self._names:
                known = ", ".join(self._names) or "none"
                raise invalid(
                    [Fault(f"?{name}", f"is no parameter of {self._operation_id}; it takes: {known}")]
                )
            if name in self._arrays:
                given.setdefault(name, []).append(text)
            elif name in given:
                raise invalid([Fault(f"?{name}", "is given twice; give it once")])
            elif name in self._json:
                given[name] = _json_parameter(name, text, self._json[name])
            else:
                given[name] = text
        return _convert(given, self._into, "?"), frozenset(given)


def parse_query(query_string: bytes) -> list[tuple[str, str]]:
    """The pairs of a query string, in order.

    Raises:
        ProblemError: `bad-request` where it is not URL-encoded UTF-8, `validation` for control characters.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise ProblemError(
            "bad-request", "The query string is not URL-encoded UTF-8; encode it again."
        ) from None
    except ValueError:
        raise ProblemError(
            "bad-request", f"The query string has more than {MAX_PARAMETERS} parameters."
        ) from None
    for name, text in pairs:
        if _has_control(name) or _has_control(text):
            shown = "".join(character if character.isprintable() else "?" for character in name)
            raise invalid([Fault(f"?{shown}", "holds a control character; remove it")])
    return pairs


def decode_path(given: Mapping[str, str], into: type[T]) -> T:
    """Decode path parameters; an id that cannot exist is answered as one that does not.

    Raises:
        ProblemError: `not-found`.
    """
    try:
        return msgspec.convert(dict(given), into, strict=False)
    except msgspec.ValidationError:
        named = ", ".join(f"{name} {value[:80]!r}" for name, value in given.items())
        raise ProblemError(
            "not-found", f"There is nothing with {named}. Check the id; it may belong to another key."
        ) from None


def decode_headers(headers: FirstHeaders, into: type[T]) -> T:
    """Decode the headers that an operation names, matched without regard to case.

    Raises:
        ProblemError: `validation`.
    """
    named = ((field.encode_name, field.encode_name.lower()) for field in _fields(into))
    given = {name: value for name, lower in named if (value := headers.get(lower)) is not None}
    return _convert(given, into, "header ")


def _convert(given: dict[str, Any], into: type[T], prefix: str) -> T:
    try:
        value = msgspec.convert(given, into, strict=False)
    except msgspec.ValidationError as error:
        raise json_body.explain(error, prefix=prefix) from None
    for field in _fields(into):
        number = getattr(value, field.name)
        if isinstance(number, float) and not math.isfinite(number):
            raise invalid([Fault(f"{prefix}{field.encode_name}", "must be a finite number")])
    return value


@cache
def _fields(into: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a struct, which msgspec works out anew each time, compiling their annotations."""
    return msgspec.structs.fields(into)


def _json_parameter(name: str, text: str, into: Any) -> Any:
    """The object in `text`; read strictly, unlike the plain text of other parameters."""
    try:
        found = json_body.decode(text.encode(), dict[str, Any])
    except ProblemError as problem:
        raise invalid([Fault(f"?{name}", f"must be a JSON object. {problem.detail}")]) from None
    try:
        return msgspec.convert(found, into)
    except msgspec.ValidationError as error:
        raise json_body.explain(error, prefix=f"?{name}/", root=f"?{name}") from None


def _has_control(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) == 127 for character in text)


def _holds(annotation: Any, container: type) -> bool:
    """Whether a field's type is `container`, or a union that has it."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _holds(typing.get_args(annotation)[0], container)
    if origin in {typing.Union, types.UnionType}:
        return any(_holds(member, container) for member in typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return container is msgspec.Struct
    return annotation is container or origin is container
