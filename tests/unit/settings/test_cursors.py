"""Signed cursors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.cursors import Cursors
from pynomaly_server.problems import ProblemError

CURSORS = Cursors("k" * 32)
WORDS = st.lists(st.text(st.characters(blacklist_characters="\0", codec="utf-8")), max_size=3)


@given(st.text(st.characters(codec="utf-8")), WORDS)
def test_a_cursor_comes_back_as_its_position(position, words):
    assert CURSORS.read(CURSORS.sign(position, *words), *words) == position


@given(WORDS, WORDS)
def test_a_cursor_of_one_list_is_refused_by_another(one, other):
    if one == other:
        return
    with pytest.raises(ProblemError):
        CURSORS.read(CURSORS.sign("7", *one), *other)


@given(st.text(max_size=100))
def test_made_up_text_is_refused_with_a_pointer(text):
    with pytest.raises(ProblemError) as refusal:
        CURSORS.read(text, "tenant")
    assert refusal.value.code == "validation"
    assert refusal.value.errors[0].pointer == "?cursor"


@given(st.data())
def test_no_character_of_a_cursor_can_be_changed(data):
    cursor = CURSORS.sign("12345", "tenant")
    position = data.draw(st.integers(0, len(cursor) - 1))
    character = data.draw(st.sampled_from("ABCxyz019-_=+/ "))
    changed = cursor[:position] + character + cursor[position + 1 :]
    if changed != cursor:
        with pytest.raises(ProblemError):
            CURSORS.read(changed, "tenant")


def test_another_servers_cursor_is_refused():
    with pytest.raises(ProblemError):
        Cursors("x" * 32).read(CURSORS.sign("1", "t"), "t")
