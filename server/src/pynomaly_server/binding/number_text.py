"""Arrays of numbers in JSON text, read to a matrix without an object for each number.

A number of at most 19 digits becomes the double that is nearest to it by Eisel and Lemire's way (Lemire:
Number Parsing at a Gigabyte per Second, 2021): its digits times a power of five of 128 bits, of whose product
the upper bits are those of the double. The few numbers that this leaves open, and those of more digits, are
read by Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import as_read_only, compiled

Bits = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

_LEAST_POWER: Final = -342
_GREATEST_POWER: Final = 308
_MOST_DIGITS: Final = 19
_MOST_WHOLE: Final = 2**53
_FARTHEST_EXPONENT: Final = 100_000
_NOT_PLAIN: Final = -1
# More of them than one in so many, and the way for any JSON is as quick.
_OPEN_SHARE: Final = 16

_OPENING, _CLOSING, _COMMA, _MINUS, _PLUS, _POINT = 91, 93, 44, 45, 43, 46
_ZERO, _NINE, _SMALL_E, _LARGE_E = 48, 57, 101, 69
_BLANK, _TAB, _LF, _CR = 32, 9, 10, 13

_LOW_HALF = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_0, _1, _3, _52, _63, _64 = (np.uint64(number) for number in (0, 1, 3, 52, 63, 64))
_STEPS = tuple(np.uint64(number) for number in (32, 16, 8, 4, 2, 1))
_10 = np.uint64(10)
_LOW_BITS = np.uint64(0x1FF)
_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)
_SIGN = np.uint64(1 << 63)
_CARRIED = np.uint64(2 << 52)
_FRACTION = np.uint64((1 << 52) - 1)


@dataclass(frozen=True, slots=True)
class NumberText:
    """Rows of as many numbers each: float64 [n, d], finite, and where their text ends."""

    matrix: FloatArray
    stop: int


def read_number_rows(text: bytes, start: int) -> NumberText | None:
    """The JSON array that begins at `start`, where it is of arrays of as many numbers each.

    None for all else, what is no JSON included, and where a whole number is beyond 2^53.
    """
    # A value has a character of its own and one that ends it.
    values = np.empty((len(text) - start) // 2 + 1)
    left_open = np.empty((values.size // _OPEN_SHARE + 1, 3), np.int64)
    stop, rows, width, n_open = _read(
        np.frombuffer(text, np.uint8), start, _POWERS, values, values.view(np.uint64), left_open
    )
    if stop == _NOT_PLAIN:
        return None
    matrix = values[: rows * width].copy()
    for at, first, last in left_open[:n_open].tolist():
        matrix[at] = float(text[first:last])
    return NumberText(matrix.reshape(rows, width), stop) if np.isfinite(matrix).all() else None


def _powers_of_five() -> Bits:
    """The upper 128 bits of 5^q for q = -342 to 308, as upper and lower half: uint64 [651, 2]."""
    found = []
    for q in range(_LEAST_POWER, _GREATEST_POWER + 1):
        if q >= 0:
            power = 5**q
            bits = power << 128 >> power.bit_length()
        else:
            power = 5**-q
            # Rounded up, as the proof wants it of reciprocals.
            size = (power - 1).bit_length()
            bits = (1 << (size + 127 if q >= -27 else 2 * size + 128)) // power + 1
            bits >>= max(0, bits.bit_length() - 128)
        found.append((bits >> 64, bits & 0xFFFFFFFFFFFFFFFF))
    return as_read_only(np.array(found, np.uint64))


_POWERS: Final = _powers_of_five()


@compiled
def _read(
    text: Bytes, start: int, powers: Bits, values: FloatArray, bits: Bits, left_open: NDArray[np.int64]
) -> tuple[int, int, int, int]:
    """Where the array ends (-1 if it is not plain), its rows and columns, how many numbers are left open.

    `bits` are those of `values`. `left_open` takes the place of such a number in `values`, and its first and
    its last byte.
    """
    rows = width = count = n_open = 0
    at = start
    while True:
        at, stop, n_open = _row(text, at + 1, powers, values, bits, left_open, count, n_open)
        if at < 0:
            return _NOT_PLAIN, 0, 0, 0
        if rows == 0:
            width = stop
        elif stop - count != width:
            return _NOT_PLAIN, 0, 0, 0
        count = stop
        rows += 1
        at = _after_blanks(text, at)
        sign = text[at] if at < text.size else 0
        if sign == _CLOSING:
            return at + 1, rows, width, n_open
        if sign != _COMMA:
            return _NOT_PLAIN, 0, 0, 0


@compiled
def _row(
    text: Bytes,
    at: int,
    powers: Bits,
    values: FloatArray,
    bits: Bits,
    left_open: NDArray[np.int64],
    count: int,
    n_open: int,
) -> tuple[int, int, int]:
    """Read one array of numbers: where it ends (-1 if it is not plain), and the counts with it."""
    at = _after_blanks(text, at)
    if at >= text.size or text[at] != _OPENING:
        return _NOT_PLAIN, 0, 0
    while True:
        first = _after_blanks(text, at + 1)
        at, known = _number(text, first, powers, values, bits, count)
        if at < 0 or (not known and n_open == left_open.shape[0]):
            return _NOT_PLAIN, 0, 0
        if not known:
            left_open[n_open, 0] = count
            left_open[n_open, 1] = first
            left_open[n_open, 2] = at
            n_open += 1
        count += 1
        at = _after_blanks(text, at)
        sign = text[at] if at < text.size else 0
        if sign == _CLOSING:
            return at + 1, count, n_open
        if sign != _COMMA:
            return _NOT_PLAIN, 0, 0


@compiled
def _after_blanks(text: Bytes, at: int) -> int:
    while at < text.size and (text[at] == _BLANK or text[at] == _LF or text[at] == _CR or text[at] == _TAB):
        at += 1
    return at


@compiled
def _number(
    text: Bytes, at: int, powers: Bits, values: FloatArray, bits: Bits, count: int
) -> tuple[int, bool]:
    """Put one number into values[count]: where it ends (-1 if it is not plain), whether it is known."""
    negative = at < text.size and text[at] == _MINUS
    first = at + 1 if negative else at
    point, mantissa = _digits(text, first, _0)
    leads = first < text.size and text[first] == _ZERO
    if point == first or (leads and point > first + 1):
        return _NOT_PLAIN, False
    digits = 0 if leads else point - first
    at, mantissa, digits = _fraction(text, point, mantissa, digits)
    if at < 0:
        return _NOT_PLAIN, False
    behind = max(0, at - point - 1)
    end, exponent = _exponent(text, at)
    if end == point:
        if digits > _MOST_DIGITS or mantissa > np.uint64(_MOST_WHOLE):
            return _NOT_PLAIN, False
        # There is no whole number -0.
        values[count] = -float(mantissa) if negative and mantissa != _0 else float(mantissa)
        return end, True
    found = _0 if digits > _MOST_DIGITS else _double(mantissa, exponent - behind, powers)
    bits[count] = found | _SIGN if negative else found
    # Without a digit other than zero it is zero.
    return end, found != _0 or digits == 0


@compiled
def _digits(text: Bytes, at: int, mantissa: np.uint64) -> tuple[int, np.uint64]:
    """Where the digits end, and the mantissa with them; of more than 19 it says nothing."""
    while at < text.size and _ZERO <= text[at] <= _NINE:
        mantissa = mantissa * _10 + np.uint64(text[at] - _ZERO)
        at += 1
    return at, mantissa


@compiled
def _fraction(text: Bytes, at: int, mantissa: np.uint64, digits: int) -> tuple[int, np.uint64, int]:
    """Where the point and what is behind it end (-1 if that is nothing), mantissa and digits with it."""
    if at >= text.size or text[at] != _POINT:
        return at, mantissa, digits
    first = at + 1
    at = first
    # Zeros before the first other digit are none.
    while digits == 0 and at < text.size and text[at] == _ZERO:
        at += 1
    end, mantissa = _digits(text, at, mantissa)
    return (_NOT_PLAIN if end == first else end), mantissa, digits + end - at


@compiled
def _exponent(text: Bytes, at: int) -> tuple[int, int]:
    """Where the exponent ends (-1 if it has no digits), and what it is."""
    if at >= text.size or (text[at] != _SMALL_E and text[at] != _LARGE_E):
        return at, 0
    at += 1
    negative = at < text.size and text[at] == _MINUS
    if at < text.size and (text[at] == _MINUS or text[at] == _PLUS):
        at += 1
    first, exponent = at, 0
    while at < text.size and _ZERO <= text[at] <= _NINE:
        exponent = min(exponent * 10 + int(text[at] - _ZERO), _FARTHEST_EXPONENT)
        at += 1
    return (_NOT_PLAIN if at == first else at), (-exponent if negative else exponent)


@compiled
def _double(mantissa: np.uint64, exponent: int, powers: Bits) -> np.uint64:
    """The bits of the double nearest to mantissa * 10^exponent; 0 if it is not normal or this cannot tell."""
    if mantissa == _0 or exponent < _LEAST_POWER or exponent > _GREATEST_POWER:
        return _0
    leading = 0
    for step in _STEPS:
        if mantissa >> (_64 - step) == _0:
            mantissa <<= step
            leading += int(step)
    row = exponent - _LEAST_POWER
    upper, lower = _product(mantissa, powers[row, 0])
    if upper & _LOW_BITS == _LOW_BITS:
        carried, _ = _product(mantissa, powers[row, 1])
        lower += carried
        if carried > lower:
            upper += _1
    if lower == _ALL_BITS and (exponent < -27 or exponent > 55):
        return _0
    top = upper >> _63
    shift = top + np.uint64(64 - 52 - 3)
    fraction = upper >> shift
    # The bits of 10^exponent before the point; 217706 / 2^16 is log2(10).
    power = ((217706 * exponent) >> 16) + 63 + int(top) - leading + 1023
    if power <= 0:
        return _0
    # Halfway between two doubles: to the even one.
    if lower <= _1 and -4 <= exponent <= 23 and fraction & _3 == _1 and fraction << shift == upper:
        fraction &= ~_1
    fraction = (fraction + (fraction & _1)) >> _1
    if fraction >= _CARRIED:
        fraction = _CARRIED >> _1
        power += 1
    if power >= 2047:
        return _0
    return (fraction & _FRACTION) | (np.uint64(power) << _52)


@compiled
def _product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The upper and the lower 64 bits of a * b."""
    a_low, a_high = a & _LOW_HALF, a >> _HALF
    b_low, b_high = b & _LOW_HALF, b >> _HALF
    low = a_low * b_low
    first = a_high * b_low + (low >> _HALF)
    second = a_low * b_high + (first & _LOW_HALF)
    upper = a_high * b_high + (first >> _HALF) + (second >> _HALF)
    return upper, (second << _HALF) | (low & _LOW_HALF)
