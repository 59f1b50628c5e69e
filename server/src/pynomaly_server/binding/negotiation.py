"""Which media type a request is in, and which one its answer takes."""

from __future__ import annotations

from collections.abc import Sequence

from pynomaly_server.problems import ProblemError


def request_media_type(
    content_type: str | None, content_encoding: str | None, accepted: Sequence[str]
) -> str:
    """The media type of the body, in lower case and without parameters.

    Raises:
        ProblemError: `unsupported-media-type`, naming what is accepted.
    """
    if content_type is not None and content_type in accepted and not content_encoding:
        return content_type
    offered = ", ".join(accepted)
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise ProblemError(
            "unsupported-media-type",
            f"Content-Encoding {content_encoding[:40]!r} is not accepted; send the body without compression.",
        )
    if not content_type:
        raise ProblemError("unsupported-media-type", f"The body has no Content-Type; send one of: {offered}.")
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in accepted:
        raise ProblemError(
            "unsupported-media-type",
            f"Content-Type {media_type[:80]!r} is not accepted here; send one of: {offered}.",
        )
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(" \"'") not in {"utf-8", "utf8", "us-ascii"}:
            raise ProblemError(
                "unsupported-media-type", f"The charset {value[:40]!r} is not accepted; send UTF-8."
            )
    return media_type


def response_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """The first of `offered` that `Accept` prefers.

    Raises:
        ProblemError: `not-acceptable`, naming what is offered.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_media_range(part) for part in accept.split(",")]
    best, best_quality = "", 0.0
    for media_type in offered:
        quality = _quality(media_type, ranges)
        if quality > best_quality:
            best, best_quality = media_type, quality
    if not best:
        raise ProblemError(
            "not-acceptable",
            f"Accept {accept[:120]!r} matches nothing that is offered here: {', '.join(offered)}.",
        )
    return best


def names_exactly(accept: str | None, media_type: str) -> bool:
    """Whether `Accept` asks for `media_type` by name and not by a wildcard."""
    return any(_media_range(part)[0] == media_type for part in (accept or "").split(","))


def _media_range(text: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_type, quality


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Quality by the most specific matching range (RFC 9110, section 12.5.1)."""
    for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        matching = [quality for text, quality in ranges if text == pattern]
        if matching:
            return max(matching)
    return 0.0
