"""Strict JSON: what is not JSON is `malformed-json`, what is JSON but not the contract's is `validation`.

msgspec reads the good case in one pass. Only when it refuses, or when the text could hold something it
lets pass (duplicate keys, NUL, integers past 64 bits), is the text read again by slower, stricter code that
can say where and why. Rows of numbers, of which most long bodies are made, do not even come to be objects.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Never, TypeVar

import msgspec

from pynomaly_server.binding.number_text import read_number_rows
from pynomaly_server.contract.structs import DetectionRequest, PredictionRequest
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.tabular.number_rows import WrittenRows

T = TypeVar("T")

MAX_DEPTH: Final = 64
# Digits become zeros, a point stays, all else becomes a blank: searching that for bytes takes a tenth of the
# time that a pattern takes. Digits behind a point are no matter: small numbers have many.
_KINDS_OF_BYTES: Final = bytes(
    ord("0") if byte in b"0123456789" else byte if byte in b"." else ord(" ") for byte in range(256)
)
_LONG_INTEGER: Final = b" " + 19 * b"0"
_OF_ROWS: Final = (DetectionRequest, PredictionRequest)
_FEW_BYTES: Final = 4_096
"""Of less it is not worth while to look for rows of numbers."""
_MOST_VALUES: Final = 10_000
"""In a row, by the contract."""
_ROWS: Final = re.compile(rb'"data"[ \t\n\r]*:[ \t\n\r]*(?=\[)')
# Stands in for rows while the rest of a body is decoded; nobody can have sent it.
_TOKEN: Final = secrets.token_hex(16)
_STAND_IN: Final = b'[["%s"]]' % _TOKEN.encode()
_ESCAPED_NUL: Final = b"\\u0000"
_TOO_DEEP: Final = f"it is nested deeper than {MAX_DEPTH} levels"
_LAST_WORDS: Final = "Send one JSON document in UTF-8."


def decode(body: bytes, into: type[T]) -> T:
    """Decode `body` as one JSON document of type `into`.

    Raises:
        ProblemError: `malformed-json` for what is not JSON, `validation` for what does not fit `into`.
    """
    if len(body) >= _FEW_BYTES and into in _OF_ROWS:
        found = _decoded_beside_rows(body, into)
        if found is not None:
            return found
    if not body.strip():
        raise _malformed("the body is empty")
    try:
        value = msgspec.json.decode(body, type=into)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        document = _read_strictly(body)
        _refuse_odd_values(document)
        if isinstance(error, msgspec.ValidationError):
            raise explain(error) from None
        # Whatever msgspec alone refuses is still a fault of the text.
        raise _malformed("it cannot be decoded") from None
    if _may_hold_duplicates(body):
        _read_strictly(body)
    if _ESCAPED_NUL in body or _LONG_INTEGER in body.translate(_KINDS_OF_BYTES) or body[:1].isdigit():
        _refuse_odd_values(_read_strictly(body))
    return value


def _decoded_beside_rows(body: bytes, into: type[T]) -> T | None:
    """As `decode` where `data` is rows of numbers: `WrittenRows` in the value; None for all other bodies."""
    place = _ROWS.search(body)
    read = None if place is None else read_number_rows(body, place.end())
    if place is None or read is None or read.matrix.shape[1] > _MOST_VALUES:
        return None
    try:
        value: Any = decode(b"".join((body[: place.end()], _STAND_IN, body[read.stop :])), into)
    except ProblemError:
        return None
    # It may have been the member of another object.
    if value.data != [[_TOKEN]]:
        return None
    value.data = WrittenRows(memoryview(body)[place.end() : read.stop], read.matrix)
    found: T = value
    return found


def explain(error: msgspec.ValidationError, prefix: str = "", root: str = "") -> ProblemError:
    """Turn msgspec's refusal into a `validation` problem in our words.

    `prefix` stands before the pointer (`?` for query parameters); `root` is the pointer of a fault without
    a place.
    """
    text = str(error)
    message, _, path = text.partition(" - at `")
    pointer = _pointer(path.rstrip("`"), prefix) if path else root
    return invalid([_fault(message, pointer, prefix)])


def _fault(message: str, pointer: str, prefix: str) -> Fault:
    for pattern, words in _MESSAGES:
        if match := pattern.fullmatch(message):
            detail, name = words(match)
            return Fault(
                (f"{pointer}/{name}" if not prefix else f"{prefix}{name}") if name else pointer, detail
            )
    return Fault(pointer, "does not fit the contract")


def _pointer(path: str, prefix: str) -> str:
    """`$.data[0][1]` as `/data/0/1`; with a prefix, `$.limit` as `?limit`."""
    parts = re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path.removeprefix("key in ").removeprefix("`"))
    names = [name or index for name, index in parts if index != "..."]
    if prefix:
        return prefix + (names[0] if names else "")
    return "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names)


_TYPES: Final = {
    "float": "a number",
    "int": "an integer",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "array": "an array",
    "object": "an object",
}


def _types(listed: str) -> str:
    names = [_TYPES.get(name.strip(), name.strip()) for name in listed.split("|")]
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


_Words = Callable[["re.Match[str]"], tuple[str, str | None]]
_MESSAGES: Final[Sequence[tuple[re.Pattern[str], _Words]]] = (
    (
        re.compile(r"Expected `([^`]+)`, got `([^`]+)`"),
        lambda m: (f"must be {_types(m[1])}, not {_types(m[2])}", None),
    ),
    (re.compile(r"Object missing required field `([^`]+)`"), lambda m: ("is required", m[1])),
    (
        re.compile(r"Object contains unknown field `(.*)`", re.DOTALL),
        lambda m: ("is not a field of the contract; check the spelling or leave it out", m[1]),
    ),
    (re.compile(r"Expected `\w+` <= (\S+)"), lambda m: (f"must be at most {m[1]}", None)),
    (re.compile(r"Expected `\w+` >= (\S+)"), lambda m: (f"must be at least {m[1]}", None)),
    (re.compile(r"Expected `\w+` < (\S+)"), lambda m: (f"must be less than {m[1]}", None)),
    (re.compile(r"Expected `\w+` > (\S+)"), lambda m: (f"must be greater than {m[1]}", None)),
    (re.compile(r"Expected `array` of length <= (\d+)"), lambda m: (f"must have at most {m[1]} items", None)),
    (
        re.compile(r"Expected `array` of length >= (\d+)"),
        lambda m: (f"must have at least {m[1]} item(s)", None),
    ),
    (
        re.compile(r"Expected `object` of length <= (\d+)"),
        lambda m: (f"must have at most {m[1]} members", None),
    ),
    (
        re.compile(r"Expected `str` of length <= (\d+)"),
        lambda m: (f"must have at most {m[1]} characters", None),
    ),
    (
        re.compile(r"Expected `str` of length >= (\d+)"),
        lambda m: (f"must have at least {m[1]} character(s)", None),
    ),
    (re.compile(r"Expected `str` matching regex (.*)"), lambda m: (f"must match the pattern {m[1]}", None)),
    (
        re.compile(r"Invalid enum value (.*)", re.DOTALL),
        lambda m: (f"has no value {m[1]}; see the contract", None),
    ),
    (re.compile(r"Integer value out of range|Number out of range"), lambda _: ("is out of range", None)),
)


def _malformed(what: str) -> ProblemError:
    return ProblemError("malformed-json", f"The body is not valid JSON: {what}. {_LAST_WORDS}")


def _may_hold_duplicates(body: bytes) -> bool:
    """Cheap and never wrong in saying no.

    Each member of an object brings one colon, so an object without repeated keys has as many colons outside
    its values as it has keys once decoded; colons inside keys only make this say yes. Values that hold
    objects are not looked into.
    """
    if body.count(b":") < 2:
        return False
    if body.lstrip()[:1] != b"{":
        return b"{" in body
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    values = [bytes(value) for value in members.values()]
    outside = body.count(b":") - sum(value.count(b":") for value in values)
    return outside != len(members) or any(b"{" in value for value in values)


def _read_strictly(body: bytes) -> Any:
    """Read `body` as JSON with everything refused that RFC 8259 refuses or leaves undefined."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in body[:4]:
        raise _malformed("it is not UTF-8 but looks like UTF-16 or UTF-32")
    if body.startswith(codecs.BOM_UTF8):
        raise _malformed("it begins with a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not UTF-8") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise _malformed(_TOO_DEEP) from None
    except UnicodeEncodeError:
        raise _malformed("it holds half of a surrogate pair, which is no character") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"line {error.lineno}, column {error.colno} is not what JSON allows there") from None
    if _deeper_than(document, MAX_DEPTH):
        raise _malformed(_TOO_DEEP)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _malformed(f"the key {key[:100]!r} stands twice in one object")
            seen.add(key)
    return members


def _constant(name: str) -> Never:
    raise _malformed(f"{name} is not a JSON number; use null for a missing value")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _malformed(f"the number {text[:20]} is too large")
    return value


def _int(text: str) -> int:
    if len(text) > 400:
        raise _malformed(f"an integer has {len(text)} digits")
    return int(text)


def _deeper_than(document: Any, depth: int) -> bool:
    level = [document]
    for _ in range(depth):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        return (value for value in node.values() if isinstance(value, dict | list))
    if isinstance(node, list):
        return (value for value in node if isinstance(value, dict | list))
    return iter(())


def _refuse_odd_values(document: Any, pointer: str = "") -> None:
    """Refuse NUL in text and integers that no 64-bit number holds, naming the place."""
    if isinstance(document, dict):
        for key, value in document.items():
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            _refuse_odd_scalar(key, pointer)
            _refuse_odd_values(value, place)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            _refuse_odd_values(value, f"{pointer}/{index}")
    else:
        _refuse_odd_scalar(document, pointer)


def _refuse_odd_scalar(value: Any, pointer: str) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise invalid([Fault(pointer, "holds the character NUL; remove it")])
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise invalid(
            [Fault(pointer, "is an integer that does not fit into 64 bits; send it as text or as a float")]
        )
