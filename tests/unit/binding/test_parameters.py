"""Query, path and header parameters."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from pynomaly_server.binding.parameters import QueryDecoder, decode_headers, decode_path, parse_query
from pynomaly_server.problems import ProblemError


class Slices(msgspec.Struct, forbid_unknown_fields=True):
    length: Annotated[int, msgspec.Meta(ge=2)] = 16


class Query(msgspec.Struct, forbid_unknown_fields=True, rename={"page_size": "page-size"}):
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    wait: float = 0.0
    share: float | str = 0.1
    names: list[str] | None = None
    options: dict[str, Any] | None = None
    flag: bool = False
    slices: Slices | None = None


decoder = QueryDecoder(Query, "listThings")


def refused(query: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        decoder.decode(query)
    return caught.value


def test_parameters_become_the_contract_s_types() -> None:
    query, given = decoder.decode(b"page-size=5&wait=2.5&names=a&names=b&options=%7B%22k%22%3A1%7D&flag=true")
    assert query == Query(page_size=5, wait=2.5, names=["a", "b"], options={"k": 1}, flag=True)
    assert given == {"page-size", "wait", "names", "options", "flag"}


def test_an_object_in_a_parameter_becomes_its_struct() -> None:
    query, _ = decoder.decode(b"slices=%7B%22length%22%3A5%7D")
    assert query.slices == Slices(5)


def test_an_empty_query_gives_the_defaults() -> None:
    assert decoder.decode(b"") == (Query(), frozenset())


@pytest.mark.parametrize(
    ("query", "pointer", "detail"),
    [
        (b"page-size=0", "?page-size", "must be at least 1"),
        (b"page-size=many", "?page-size", "must be an integer, not text"),
        (b"page-size=1000000000", "?page-size", "must be at most 1000"),
        (b"wait=nan", "?wait", "must be a finite number"),
        (b"wait=inf", "?wait", "must be a finite number"),
        (b"wait=1&wait=2", "?wait", "is given twice; give it once"),
        (
            b"offset=1",
            "?offset",
            "is no parameter of listThings; it takes: page-size, wait, share, names, options, flag, slices",
        ),
        (b"slices=%7B%22length%22%3A1%7D", "?slices/length", "must be at least 2"),
        (b"slices=%7B%22length%22%3A%225%22%7D", "?slices/length", "must be an integer, not text"),
        (
            b"slices=%7B%22width%22%3A5%7D",
            "?slices/width",
            "is not a field of the contract; check the spelling or leave it out",
        ),
        (b"names=a%00b", "?names", "holds a control character; remove it"),
    ],
)
def test_a_faulty_parameter_is_named(query: bytes, pointer: str, detail: str) -> None:
    problem = refused(query)
    assert problem.code == "validation"
    assert [(fault.pointer, fault.detail) for fault in problem.errors] == [(pointer, detail)]


def test_a_json_parameter_that_is_no_object_says_so() -> None:
    problem = refused(b"options=[1]")
    assert problem.errors[0].pointer == "?options"
    assert problem.errors[0].detail.startswith("must be a JSON object.")


def test_a_query_that_is_not_utf8_is_a_bad_request() -> None:
    with pytest.raises(ProblemError) as caught:
        parse_query(b"name=%ff")
    assert caught.value.code == "bad-request"


class Path(msgspec.Struct):
    job_id: Annotated[str, msgspec.Meta(pattern="^job_[0-9a-f]{4}$")]


def test_an_id_that_cannot_exist_is_answered_as_one_that_does_not() -> None:
    with pytest.raises(ProblemError) as caught:
        decode_path({"job_id": "../etc"}, Path)
    assert caught.value.code == "not-found"
    assert (
        caught.value.detail
        == "There is nothing with job_id '../etc'. Check the id; it may belong to another key."
    )


class Headers(msgspec.Struct, rename={"idempotency_key": "Idempotency-Key"}):
    idempotency_key: Annotated[str, msgspec.Meta(max_length=5)] | None = None


def test_headers_are_matched_without_case() -> None:
    assert decode_headers({"idempotency-key": "k1"}, Headers).idempotency_key == "k1"


def test_a_faulty_header_is_named() -> None:
    with pytest.raises(ProblemError) as caught:
        decode_headers({"idempotency-key": "too long"}, Headers)
    assert [(fault.pointer, fault.detail) for fault in caught.value.errors] == [
        ("header Idempotency-Key", "must have at most 5 characters")
    ]
