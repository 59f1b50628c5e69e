"""Hashing passwords and checking them."""

from __future__ import annotations

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.problems import ProblemError

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def passwords():
    return Passwords()


async def test_the_password_fits_its_hash_and_no_other_does(passwords):
    password_hash = await passwords.hashed(PASSWORD)
    assert await passwords.fits(PASSWORD, password_hash)
    assert not await passwords.fits(PASSWORD + " ", password_hash)


async def test_the_hash_is_argon2id_with_a_salt_and_without_the_password(passwords):
    one, other = await passwords.hashed(PASSWORD), await passwords.hashed(PASSWORD)
    assert one.startswith("$argon2id$")
    assert one != other
    assert PASSWORD not in one


async def test_where_there_is_no_hash_no_password_fits_and_one_is_hashed_all_the_same(passwords, monkeypatch):
    checked = []
    real = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, *given: checked.append(given) or real(self, *given)
    )
    assert not await passwords.fits(PASSWORD, None)
    assert not await passwords.fits("nobody has this password, and nobody can log in with it", None)
    assert len(checked) == 2


async def test_two_ways_to_write_one_letter_are_one_password(passwords):
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    assert await passwords.fits(composed, await passwords.hashed(decomposed))


async def test_a_hash_of_other_parameters_is_outdated(passwords):
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
    assert not passwords.is_outdated(await passwords.hashed(PASSWORD))


async def test_few_are_hashed_at_once_few_wait_and_the_rest_is_refused(monkeypatch):
    passwords = Passwords(at_once=1, max_waiting=1)
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        assert go_on.wait(60)
        return True

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    first = asyncio.create_task(passwords.fits(PASSWORD, None))
    await asyncio.to_thread(begun.wait, 60)
    second = asyncio.create_task(passwords.fits(PASSWORD, None))
    while passwords._lane._waiting < 1:  # noqa: ASYNC110 - the lane tells of no change
        await asyncio.sleep(0)
    with pytest.raises(ProblemError, match="all the passwords to check that it can take") as refused:
        await passwords.fits(PASSWORD, None)
    assert refused.value.code == "overloaded"
    go_on.set()
    assert await asyncio.gather(first, second) == [False, False]
