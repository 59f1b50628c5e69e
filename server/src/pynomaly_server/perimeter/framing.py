"""Refuses requests whose end or host two readers could see differently (smuggling, RFC 9112, 11.2).

hyper refuses unequal or malformed `Content-Length` by itself, and where `Transfer-Encoding` stands beside it,
it drops the length and closes the connection behind the request. What it lets through is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pynomaly_server.problems import ProblemError

# Letters, digits and what RFC 3986 lets a host and its port be made of.
_HOST: Final = re.compile(rb"[0-9A-Za-z!$&'()*+,;=\-._~:\[\]@%]*")
_CLOSED: Final = {"Connection": "close"}


def refuse_ambiguous(headers: Iterable[tuple[bytes, bytes]], http_version: str) -> None:
    """Let a request pass whose headers say one thing.

    Raises:
        ProblemError: `bad-request`; the connection is closed behind it.
    """
    lengths: set[bytes] = set()
    codings: list[bytes] = []
    hosts: list[bytes] = []
    for name, value in headers:
        if name == b"content-length":
            lengths.add(value.strip())
        elif name == b"transfer-encoding":
            codings.append(value.strip().lower())
        elif name == b"host":
            hosts.append(value.strip())
    if codings and lengths:
        raise _refused("It has both Content-Length and Transfer-Encoding; send one of them.")
    if codings and codings != [b"chunked"]:
        raise _refused("Its Transfer-Encoding is not `chunked`, once; no other coding is taken.")
    if len(lengths) > 1 or any(not length.isdigit() for length in lengths):
        raise _refused("Its Content-Length is not one whole number.")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise _refused("Its Host holds characters that no host has.")
    if len(hosts) > 1 or (http_version == "1.1" and hosts in ([], [b""])):
        raise _refused("It has no Host, or more than one; send exactly one.")


def _refused(why: str) -> ProblemError:
    return ProblemError(
        "bad-request", f"The request can be read in more than one way. {why}", headers=_CLOSED
    )
