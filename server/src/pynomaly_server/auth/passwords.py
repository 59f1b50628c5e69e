"""Hashes passwords with argon2id, beside the event loop and few at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from pynomaly_server.shedding.lane import Lane

T = TypeVar("T")
AT_ONCE: Final = 2
MAX_WAITING: Final = 32
# 19 MiB, two passes, one lane: the least that the OWASP Password Storage Cheat Sheet recommends. Whoever
# guesses pays the memory for each guess; a server that hashes two at a time never needs more than 38 MiB.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """Hashes and checks, `at_once` in threads, with at most `max_waiting` behind them.

    Every check costs the same, whether there is a hash to check against or not, so that the time of an
    answer does not tell which users exist.
    """

    def __init__(self, at_once: int = AT_ONCE, max_waiting: int = MAX_WAITING) -> None:
        self._lane = Lane("passwords to check", places=at_once, most_waiting=max_waiting)
        self._threads = anyio.CapacityLimiter(at_once)
        self._nobodys = _HASHER.hash("nobody has this password, and nobody can log in with it")

    async def hashed(self, password: str) -> str:
        """The hash to store, which names its own parameters and salt; raises `overloaded`."""
        return await self._run(lambda: _HASHER.hash(_prepared(password)))

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether this is the password; without a hash the answer is no, and takes as long.

        Raises:
            ProblemError: `overloaded` (503) where too many wait already.
        """
        fits = await self._run(lambda: _fits(password, password_hash or self._nobodys))
        return fits and password_hash is not None

    @staticmethod
    def is_outdated(password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return _HASHER.check_needs_rehash(password_hash)

    async def _run(self, work: Callable[[], T]) -> T:
        async with self._lane.place():
            return await anyio.to_thread.run_sync(work, limiter=self._threads)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, _prepared(password))
    except VerifyMismatchError:
        return False


def _prepared(password: str) -> str:
    """One form for what keyboards compose differently (NFC, as RFC 8265 has it for passwords)."""
    return unicodedata.normalize("NFC", password)
