"""The text of refresh tokens."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.auth.refresh_tokens import RefreshTokens

TOKENS = RefreshTokens("a" * 40)
ALPHABET = string.digits + string.ascii_letters


def test_a_token_has_the_public_part_of_its_session_in_front():
    prefix = TOKENS.new_prefix()
    token = TOKENS.make(prefix)
    assert token.startswith(f"{prefix}_")
    assert TOKENS.prefix_of(token) == prefix


def test_tokens_of_one_session_differ():
    prefix = TOKENS.new_prefix()
    assert len({TOKENS.make(prefix) for _ in range(100)}) == 100


@given(st.integers(min_value=4, max_value=80), st.sampled_from(ALPHABET))
def test_a_token_with_one_wrong_character_is_no_token(position, character):
    token = TOKENS.make(TOKENS.new_prefix())
    changed = token[:position] + character + token[position + 1 :]
    assert (TOKENS.prefix_of(changed) is None) == (changed != token)


def test_a_token_of_another_server_is_no_token():
    assert RefreshTokens("b" * 40).prefix_of(TOKENS.make(TOKENS.new_prefix())) is None


@given(st.text(max_size=100))
def test_other_text_is_no_token(text):
    assert TOKENS.prefix_of(text) is None
