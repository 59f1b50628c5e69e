"""Media types of requests and answers."""
# ruff: noqa: E501 - a test holds the whole sentence

from __future__ import annotations

import pytest

from pynomaly_server.binding import negotiation
from pynomaly_server.problems import ProblemError

OFFERED = ("application/json", "text/csv", "application/vnd.apache.parquet")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.1, text/csv", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_the_answer_takes_the_preferred_type_that_is_offered(accept: str | None, chosen: str) -> None:
    assert negotiation.response_media_type(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;q=0, text/csv;q=0", "nonsense", "image/*", "text/csv;q=x"]
)
def test_an_accept_that_matches_nothing_is_not_acceptable_and_names_the_offer(accept: str) -> None:
    with pytest.raises(ProblemError) as caught:
        negotiation.response_media_type(accept, OFFERED)
    assert caught.value.code == "not-acceptable"
    assert caught.value.detail == (
        f"Accept {accept!r} matches nothing that is offered here: application/json, text/csv, application/vnd.apache.parquet."
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
    ],
)
def test_the_body_s_type_is_read_without_case_and_parameters(content_type: str) -> None:
    assert negotiation.request_media_type(content_type, None, OFFERED) == "application/json"


@pytest.mark.parametrize(
    ("content_type", "encoding", "reason"),
    [
        (
            None,
            None,
            "The body has no Content-Type; send one of: application/json, text/csv, application/vnd.apache.parquet.",
        ),
        (
            "text/plain",
            None,
            "Content-Type 'text/plain' is not accepted here; send one of: application/json, text/csv, application/vnd.apache.parquet.",
        ),
        (
            "application/xml",
            None,
            "Content-Type 'application/xml' is not accepted here; send one of: application/json, text/csv, application/vnd.apache.parquet.",
        ),
        (
            "multipart/form-data",
            None,
            "Content-Type 'multipart/form-data' is not accepted here; send one of: application/json, text/csv, application/vnd.apache.parquet.",
        ),
        ("application/json; charset=utf-16", None, "The charset 'utf-16' is not accepted; send UTF-8."),
        (
            "application/json",
            "gzip",
            "Content-Encoding 'gzip' is not accepted; send the body without compression.",
        ),
    ],
)
def test_another_type_charset_or_encoding_is_unsupported(
    content_type: str | None, encoding: str | None, reason: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        negotiation.request_media_type(content_type, encoding, OFFERED)
    assert caught.value.code == "unsupported-media-type"
    assert caught.value.detail == reason
