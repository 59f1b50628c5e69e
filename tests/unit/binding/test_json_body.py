"""Strict JSON: what is refused, with which code, and in which words."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.binding import json_body
from pynomaly_server.problems import ProblemError

Cell = int | float | str | bool | None


class Request(msgspec.Struct, forbid_unknown_fields=True):
    data: list[list[Cell] | dict[str, Cell]]
    share: Annotated[float, msgspec.Meta(gt=0, le=0.5)] = 0.1
    names: Annotated[list[Annotated[str, msgspec.Meta(max_length=5)]], msgspec.Meta(max_length=2)] = []
    options: dict[str, Any] = {}


def refused(body: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        json_body.decode(body, Request)
    return caught.value


MALFORMED = {
    "an empty body": (b"", "the body is empty"),
    "blanks only": (b" \n", "the body is empty"),
    "NaN": (b'{"data": [[NaN]]}', "NaN is not a JSON number; use null for a missing value"),
    "NaN in a free-form object": (
        b'{"data": [], "options": {"a": NaN}}',
        "NaN is not a JSON number; use null for a missing value",
    ),
    "infinity": (b'{"data": [[-Infinity]]}', "-Infinity is not a JSON number; use null for a missing value"),
    "1e999": (b'{"data": [[1e999]]}', "the number 1e999 is too large"),
    "an integer of 5,000 digits": (b'{"data": [[%s]]}' % (b"9" * 5000), "an integer has 5000 digits"),
    "nesting of 5,000": (
        b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        "it is nested deeper than 64 levels",
    ),
    "nesting of 200 in a free-form object": (
        b'{"data": [], "options": {"a": ' + b"[" * 200 + b"]" * 200 + b'}, "x": 1}',
        "it is nested deeper than 64 levels",
    ),
    "invalid UTF-8": (b'{"data": [["\xff"]]}', "byte 12 is not UTF-8"),
    "half a surrogate pair": (
        rb'{"data": [["\ud800"]]}',
        "it holds half of a surrogate pair, which is no character",
    ),
    "a byte order mark": (b'\xef\xbb\xbf{"data": []}', "it begins with a byte order mark"),
    "UTF-16": ('{"data": []}'.encode("utf-16"), "it is not UTF-8 but looks like UTF-16 or UTF-32"),
    "UTF-16 without a mark": (
        '{"data": []}'.encode("utf-16-le"),
        "it is not UTF-8 but looks like UTF-16 or UTF-32",
    ),
    "trailing bytes": (b'{"data": []} x', "line 1, column 14 is not what JSON allows there"),
    "a raw control character": (b'{"data": [["\x01"]]}', "line 1, column 13 is not what JSON allows there"),
    "a repeated key": (b'{"data": [], "data": []}', "the key 'data' stands twice in one object"),
    "a repeated key of a row": (b'{"data": [{"a": 1, "a": 2}]}', "the key 'a' stands twice in one object"),
    "a repeated key beside times": (
        b'{"data": [["10:30:00"]], "share": 0.1, "share": 0.2}',
        "the key 'share' stands twice in one object",
    ),
    "half a document": (b'{"data": [', "line 1, column 11 is not what JSON allows there"),
}


@pytest.mark.parametrize(("body", "reason"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_json_is_malformed_and_says_why(body: bytes, reason: str) -> None:
    problem = refused(body)
    assert problem.code == "malformed-json"
    assert problem.detail == f"The body is not valid JSON: {reason}. Send one JSON document in UTF-8."


INVALID = {
    "null for the document": (b"null", "", "must be an object, not null"),
    "text for a number": (b'{"data": [], "share": "1"}', "/share", "must be a number, not text"),
    "true for a number": (b'{"data": [], "share": true}', "/share", "must be a number, not true or false"),
    "a number over its bound": (b'{"data": [], "share": 0.7}', "/share", "must be at most 0.5"),
    "a number at its exclusive bound": (b'{"data": [], "share": 0}', "/share", "must be greater than 0.0"),
    "an integer past 64 bits": (
        b'{"data": [[1], [1180591620717411303424]]}',
        "/data/1/0",
        "is an integer that does not fit into 64 bits; send it as text or as a float",
    ),
    "NUL in text": (rb'{"data": [["a\u0000"]]}', "/data/0/0", "holds the character NUL; remove it"),
    "an unknown field": (
        b'{"data": [], "dta": 1}',
        "/dta",
        "is not a field of the contract; check the spelling or leave it out",
    ),
    "a missing field": (b"{}", "/data", "is required"),
    "a scalar for a row": (b'{"data": [[1], 2]}', "/data/1", "must be an object or an array, not an integer"),
    "an array over its bound": (
        b'{"data": [], "names": ["a", "b", "c"]}',
        "/names",
        "must have at most 2 items",
    ),
    "text over its bound": (
        b'{"data": [], "names": ["abcdef"]}',
        "/names/0",
        "must have at most 5 characters",
    ),
}


@pytest.mark.parametrize(("body", "pointer", "detail"), INVALID.values(), ids=INVALID.keys())
def test_what_does_not_fit_the_contract_is_a_validation_problem_with_its_place(
    body: bytes, pointer: str, detail: str
) -> None:
    problem = refused(body)
    assert problem.code == "validation"
    assert [(fault.pointer, fault.detail) for fault in problem.errors] == [(pointer, detail)]


def test_malformed_wins_over_invalid() -> None:
    assert refused(b'{"share": "x", "data": [[NaN]]}').code == "malformed-json"


def test_colons_in_text_do_not_look_like_repeated_keys() -> None:
    decoded = json_body.decode(b'{"data": [["10:30:00", "a:b"]], "names": [":"]}', Request)
    assert decoded.data == [["10:30:00", "a:b"]]


cells = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
)
keys = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(st.lists(st.lists(cells) | st.dictionaries(keys, cells)))
def test_every_valid_document_is_decoded_to_what_was_sent(rows: list[Any]) -> None:
    assert json_body.decode(json.dumps({"data": rows}).encode(), Request).data == rows


@given(st.binary())
def test_any_bytes_give_a_value_or_a_problem(body: bytes) -> None:
    with suppress(ProblemError):
        assert isinstance(json_body.decode(body, Request), Request)


@pytest.mark.parametrize(
    "number", ["0.00012345678901234567", "-1.2345678901234567890123", "123456789012345678"]
)
def test_the_digits_of_common_numbers_are_not_read_twice(number, monkeypatch):
    monkeypatch.setattr(json_body, "_read_strictly", None)
    assert json_body.decode(f"[[{number}]]".encode(), list[list[float]]) == [[float(number)]]


@pytest.mark.parametrize("text", ["[%s]", "[1, %s]", "[-%s]", '{"a":%s}', "%s", " %s"])
def test_an_integer_beyond_64_bits_is_found_wherever_it_stands(text):
    with pytest.raises(ProblemError, match="64 bits"):
        json_body.decode((text % "12345678901234567890123").encode(), Any)
