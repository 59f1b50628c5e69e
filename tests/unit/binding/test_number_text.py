"""Rows of numbers in JSON text: the doubles of any other reader, and nothing that is not plain."""

from __future__ import annotations

import json
import struct
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pynomaly_server.binding import json_body
from pynomaly_server.binding.number_text import read_number_rows
from pynomaly_server.contract.structs import DetectionRequest, PredictionRequest
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.number_rows import WrittenRows


def halfway(number: float) -> str:
    """What lies in the middle between a double and the next, in all its digits."""
    return f"{(Decimal(number) + Decimal(float(np.nextafter(number, np.inf)))) / 2:e}"


DIGITS = st.text("0123456789", min_size=1, max_size=22)
WRITTEN = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(0, 2**64 - 1).map(lambda bits: repr(struct.unpack("d", struct.pack("Q", bits))[0])),
    st.floats(-1e20, 1e20).map(halfway),
    st.integers(-(2**54), 2**54).map(str),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), st.integers(0, 10**21), DIGITS),
    st.builds("{}.{}e{}".format, st.integers(0, 10**9), DIGITS, st.integers(-360, 320)),
    st.sampled_from(["0.0", "-0.0", "0", "-0", "0e5", "1E+2", "1e-400", "1e400"]),
).filter(lambda text: text.lstrip("-")[0].isdigit())
BLANKS = st.sampled_from(["", "", " ", "\n\t\r "])


@settings(deadline=None, max_examples=100)
@given(st.lists(WRITTEN, min_size=1, max_size=4), BLANKS)
@example(["9007199254740992", "9007199254740993"], "")
@example(["9007199254740993.0", "9007199254740995e0"], "")
def test_numbers_are_the_doubles_of_any_other_reader(written, blank):
    # Beside enough that are plain: where more than a few are left open all of them are.
    row = f"{blank},{blank}".join([*written, *["0.5"] * 128])
    text = f"[{blank}[{blank}{row}{blank}]{blank},[{row}]{blank}]".encode()
    found = read_number_rows(b"xy" + text + b"z", 2)
    if found is None:
        whole = [int(number) for number in written if number.lstrip("-").isdecimal()]
        assert not np.isfinite([float(number) for number in written]).all() or max(map(abs, whole)) > 2**53
        return
    expected = np.array(json.loads(text), dtype=np.float64)
    assert found.matrix.tobytes() == expected.tobytes()
    assert found.matrix.tobytes() == np.array(msgspec.json.decode(text), dtype=np.float64).tobytes()
    assert found.stop == 2 + len(text)


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "[[]]", "[", "[[", "[{}]", "[1.5]", "[[1.5], []]", "[[1.5], [2.5, 3.5]]", "[[1.5,[2.5]]]"),
        *("[[1.5]", "[[1.5", "[[1.5]}", "[[1.5,]]", "[[1.5],]", "[[1.5] [2.5]]", "[[1.5 2.5]]"),
        *("[[01.5]]", "[[1.]]", "[[.5]]", "[[1e]]", "[[1e+]]", "[[-]]", "[[+1.5]]", "[[1.5e5.5]]"),
        *("[[NaN]]", "[[null]]", "[[true]]", '[["1"]]', "[[1e400]]"),
        *("[[9007199254740993]]", "[[18446744073709551616]]"),
    ],
)
def test_what_is_not_rows_of_numbers_is_left_to_the_way_for_any_json(text):
    assert read_number_rows(text.encode(), 0) is None


ROWS = np.random.default_rng(3).normal(size=(100, 3)).tolist()
WITH_WHOLE = [[1, *row[1:]] for row in ROWS]


def outcome(body, into, few_bytes, monkeypatch):
    """What a body is decoded to, in words, or the problem with it; rows as bytes of their own."""
    monkeypatch.setattr(json_body, "_FEW_BYTES", few_bytes)
    try:
        return msgspec.json.encode(json_body.decode(body, into), enc_hook=list)
    except ProblemError as problem:
        return problem.code, problem.detail, problem.errors


@pytest.mark.parametrize("into", [DetectionRequest, PredictionRequest])
@pytest.mark.parametrize(
    "body",
    [
        {"data": ROWS},
        {"data": WITH_WHOLE, "column_names": ["a", "b", "c"], "return_confidence": True},
        {"algorithm": "iqr", "contamination": 0.2, "data": ROWS},
        {"data": ROWS, "more": 1},
        {"data": ROWS, "contamination": 7},
        {"data": [*ROWS, [None, 1.5, 2.5]]},
        {"parameters": {"data": ROWS}, "data": []},
        {"parameters": {"data": ROWS}},
        {"data": ["data", ROWS]},
        {"data": [[0.5] * 10_001]},
        b'{"data": %s, "data": %s}' % (json.dumps(ROWS).encode(), json.dumps(ROWS).encode()),
        b'{"data": %s, "random_state": 18446744073709551616}' % json.dumps(ROWS).encode(),
        b'{"data": %s} x' % json.dumps(ROWS).encode(),
        b'{"data": %s, "algorithm": "\xff"}' % json.dumps(ROWS).encode(),
    ],
    ids=lambda _: "",
)
def test_a_body_of_rows_of_numbers_is_decoded_as_any_other(body, into, monkeypatch):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert outcome(text, into, 0, monkeypatch) == outcome(text, into, len(text) + 1, monkeypatch)


def test_rows_of_numbers_come_as_a_matrix():
    request = json_body.decode(json.dumps({"data": WITH_WHOLE}).encode(), DetectionRequest)
    assert isinstance(request.data, WrittenRows)
    assert request.data.matrix.tolist() == WITH_WHOLE
    assert list(request.data) == WITH_WHOLE
    assert type(request.data[0][0]) is int
