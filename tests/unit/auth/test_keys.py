"""The text of API keys."""

from __future__ import annotations

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.auth.keys import hash_key, new_key, prefix_of, same_hash

ALPHABET = string.digits + string.ascii_letters


def test_a_key_has_its_public_part_in_front():
    plain, prefix = new_key()
    assert re.fullmatch(r"pyn_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}", plain)
    assert plain.startswith(prefix + "_")
    assert prefix_of(plain) == prefix


def test_keys_differ():
    assert len({new_key()[0] for _ in range(100)}) == 100


@given(st.integers(min_value=4, max_value=61), st.sampled_from(ALPHABET))
def test_a_key_with_one_wrong_character_is_no_key(position, character):
    plain, _ = new_key()
    changed = plain[:position] + character + plain[position + 1 :]
    assert (prefix_of(changed) is None) == (changed != plain)


@given(st.text(max_size=80))
def test_other_text_is_no_key(text):
    assert prefix_of(text) is None


def test_the_hash_depends_on_the_servers_secret_and_shows_nothing_of_the_key():
    plain, _ = new_key()
    one, other = hash_key(plain, "a" * 32), hash_key(plain, "b" * 32)
    assert re.fullmatch("[0-9a-f]{64}", one)
    assert not same_hash(one, other)
    assert same_hash(one, hash_key(plain, "a" * 32))
