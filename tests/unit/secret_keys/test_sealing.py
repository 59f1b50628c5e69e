"""What is sealed is opened by the same key for the same row, and by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.secret_keys.sealing import CannotOpenError, Seal

KEY = "a secret key of the tests, 32 characters"
LABEL = b"tests"


@given(st.binary(max_size=500), st.binary(max_size=100))
def test_what_is_sealed_is_opened_again_and_looks_different_each_time(text, row):
    seal = Seal(KEY, LABEL)
    sealed = seal.close(text, row)
    assert Seal(KEY, LABEL).open(sealed, row) == text
    assert seal.close(text, row) != sealed
    assert len(text) < 4 or text not in sealed


@given(st.data())
def test_one_flipped_bit_is_refused(data):
    sealed = bytearray(Seal(KEY, LABEL).close(b"secret", b"row"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(CannotOpenError):
        Seal(KEY, LABEL).open(bytes(sealed), b"row")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(28)])
def test_what_was_never_sealed_is_refused(sealed):
    with pytest.raises(CannotOpenError):
        Seal(KEY, LABEL).open(sealed, b"row")


def test_another_key_another_label_or_another_row_opens_nothing():
    sealed = Seal(KEY, LABEL).close(b"secret", b"row")
    for seal, row in (
        (Seal(KEY + "!", LABEL), b"row"),
        (Seal(KEY, b"other"), b"row"),
        (Seal(KEY, LABEL), b"other row"),
    ):
        with pytest.raises(CannotOpenError):
            seal.open(sealed, row)
