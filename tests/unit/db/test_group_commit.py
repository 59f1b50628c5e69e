"""Which things share a transaction."""

import asyncio

from pynomaly_server.db import group_commit
from pynomaly_server.db.group_commit import GroupCommit


async def test_what_comes_alone_is_stored_at_once_and_what_follows_shortly_is_stored_together(monkeypatch):
    monkeypatch.setattr(group_commit, "PACE_SECONDS", 0.3)
    stored = []

    async def store(things):
        stored.append(list(things))
        return things

    group = GroupCommit(store)
    assert await group.hand_in(1) == 1
    later = [group.hand_in(thing) for thing in (2, 3)]
    elsewhere = group.hand_in(4, "another lane")
    assert await elsewhere == 4
    assert stored == [[1], [4]]
    later.append(group.hand_in(5))
    assert await asyncio.gather(*later) == [2, 3, 5]
    assert stored == [[1], [4], [2, 3, 5]]
    await group.aclose()
