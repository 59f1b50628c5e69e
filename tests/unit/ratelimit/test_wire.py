"""Answers of Valkey are read whole, however the network cuts them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as BrokenConnectionError
from redis.exceptions import NoScriptError, ResponseError

from pynomaly_server.ratelimit.wire import Answers

ANSWER = st.recursive(
    st.one_of(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=12), st.none()),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


class Transport:
    """What a transport is to its protocol, with a note of what was written and whether it was closed."""

    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def set_protocol(self, protocol) -> None:
        self.protocol = protocol

    def write(self, data) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def encoded(answer, null=b"$-1\r\n") -> bytes:
    if answer is None:
        return null
    if isinstance(answer, int):
        return b":%d\r\n" % answer
    if isinstance(answer, bytes):
        return b"$%d\r\n%s\r\n" % (len(answer), answer)
    return b"*%d\r\n" % len(answer) + b"".join(encoded(each, null) for each in answer)


def asked(sent: bytes, count: int, cuts=()):
    """What comes of asking for `count` answers, where `sent` comes in pieces."""

    async def work():
        transport = Transport()
        answers = Answers(transport)
        told = answers.ask(b"commands", count)
        places = [0, *sorted(cut % (len(sent) + 1) for cut in cuts), len(sent)]
        for start, stop in pairwise(places):
            if start < stop:
                assert not told.done()
                answers.data_received(sent[start:stop])
        assert transport.written == b"commands"
        if not told.done():
            answers.connection_lost(None)
        return await told

    return asyncio.run(work())


@settings(deadline=None, max_examples=60)
@given(
    st.lists(ANSWER, min_size=1, max_size=4),
    st.lists(st.integers(0, 10_000), max_size=5),
    st.sampled_from([b"$-1\r\n", b"_\r\n"]),
)
def test_answers_are_read_as_they_were_meant_wherever_they_are_cut(expected, cuts, null):
    sent = b"".join(encoded(each, null) for each in expected)
    assert asked(sent, len(expected), cuts) == expected


def test_what_valkey_says_unasked_is_no_answer():
    assert asked(b">2\r\n$7\r\nmessage\r\n:1\r\n:5\r\n", 1) == [5]


def test_errors_stand_in_the_place_of_their_answers():
    first, second, third = asked(b"-NOSCRIPT No matching script.\r\n+OK\r\n-ERR wrong\r\n", 3)
    assert isinstance(first, NoScriptError)
    assert second == b"OK"
    assert isinstance(third, ResponseError)


@pytest.mark.parametrize(
    ("sent", "error"), [(b":1", BrokenConnectionError), (b"HTTP/1.1\r\n", ResponseError)]
)
def test_whoever_waits_hears_of_a_broken_or_senseless_answer(sent, error):
    with pytest.raises(error):
        asked(sent, 1)
