"""Requests with one key that come while it is looked up share the look-up, and what came of it."""

from __future__ import annotations

import asyncio

import pytest

from pynomaly_server.auth.keys import new_key
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.service import AuthService

CALLER = Principal(tenant_id="ten_1", subject="key_1", scopes=frozenset({"detect:run"}))


def asked(*outcomes, at_once=8, hang_up=False):
    """What requests hear whose look-ups end so in turn, how many there were, and what the next one hears."""

    async def work():
        service, looked_up = AuthService(None, "secret"), 0
        go = asyncio.Event()

        async def look_up(_prefix, _token, _hash):
            nonlocal looked_up
            outcome = outcomes[looked_up]
            looked_up += 1
            await go.wait()
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        service._look_up = look_up
        plain, _ = new_key()
        requests = [asyncio.create_task(service.authenticate(plain)) for _ in range(at_once)]
        await asyncio.sleep(0)
        if hang_up:
            requests[0].cancel()
        await asyncio.sleep(0)
        go.set()
        heard = await asyncio.gather(*requests, return_exceptions=True)
        return heard, looked_up, await service.authenticate(plain) if len(outcomes) > looked_up else None

    return asyncio.run(work())


def test_requests_at_once_look_a_key_up_once():
    assert asked(CALLER) == ([CALLER] * 8, 1, None)


def test_a_key_that_is_refused_is_refused_to_all_and_looked_up_anew_by_the_next():
    assert asked(None, CALLER) == ([None] * 8, 1, CALLER)


def test_whoever_hangs_up_does_not_end_the_look_up_for_the_others():
    heard, looked_up, _ = asked(CALLER, hang_up=True)
    assert isinstance(heard[0], asyncio.CancelledError)
    assert (heard[1:], looked_up) == ([CALLER] * 7, 1)


@pytest.mark.filterwarnings("error")
def test_a_database_that_is_away_is_told_to_all_and_asked_again_by_the_next():
    away = OSError("away")
    assert asked(away, CALLER) == ([away] * 8, 1, CALLER)
