"""A lane runs, queues and sheds."""

from __future__ import annotations

import asyncio

import pytest

from pynomaly_server.problems import ProblemError
from pynomaly_server.shedding.lane import Lane


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Works:
    """Works in a lane, each ended by hand."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.begun: list[int] = []

    async def start(self, count: int = 1) -> None:
        for _ in range(count):
            self._ends.append(asyncio.Event())
            self.tasks.append(asyncio.create_task(self._work(len(self.tasks))))
        await self._settle()

    async def _work(self, number: int) -> None:
        async with self._lane.place():
            self.begun.append(number)
            await self._ends[number].wait()

    async def end(self, number: int) -> None:
        self._ends[number].set()
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


async def test_works_run_in_the_order_they_came_as_many_as_there_are_places():
    works = Works(Lane("works", places=2, most_waiting=9))
    await works.start(4)
    assert works.begun == [0, 1]
    await works.end(0)
    assert works.begun == [0, 1, 2]


async def test_what_finds_the_queue_full_is_shed_and_told_when_the_queue_has_drained():
    clock = Clock()
    lane = Lane("works", places=2, most_waiting=4, remedy="or go elsewhere", clock=clock)
    works = Works(lane)
    await works.start()
    clock.now = 6.0
    await works.end(0)
    await works.start(6)
    with pytest.raises(ProblemError) as shed:
        lane.check()
    # Four wait and one more would be the fifth, two leave every six seconds.
    assert shed.value.headers == {"Retry-After": "15"}
    assert str(shed.value) == (
        "overloaded: The server has all the works that it can take: 2 run and 4 wait. Try again in 15 s, or "
        "go elsewhere."
    )


async def test_what_would_wait_too_long_is_shed_though_the_queue_has_room():
    clock = Clock()
    lane = Lane("works", places=1, most_waiting=100, patience=10.0, clock=clock)
    works = Works(lane)
    await works.start()
    clock.now = 4.0
    await works.end(0)
    await works.start(2)
    lane.check()
    await works.start()
    with pytest.raises(ProblemError, match="Try again in 12 s"):
        lane.check()


async def test_a_lane_follows_how_long_works_take():
    clock = Clock()
    lane = Lane("works", places=1, most_waiting=100, clock=clock)
    works = Works(lane)
    for number in range(40):
        await works.start()
        clock.now += 8.0 if number < 20 else 1.0
        await works.end(number)
    await works.start()
    assert lane.expected_wait() == pytest.approx(1.0, rel=0.1)


async def test_who_stops_waiting_gives_its_turn_away():
    works = Works(Lane("works", places=1, most_waiting=2))
    await works.start(3)
    works.tasks[1].cancel()
    await works.end(0)
    assert works.begun == [0, 2]


async def test_a_work_that_fails_gives_its_place_back():
    lane = Lane("works", places=1, most_waiting=0)
    with pytest.raises(ZeroDivisionError):
        async with lane.place():
            raise ZeroDivisionError
    async with lane.place():
        pass


async def test_a_lane_without_a_queue_sheds_what_does_not_fit():
    lane = Lane("works", places=1, most_waiting=0)
    works = Works(lane)
    await works.start(2)
    with pytest.raises(ProblemError, match="1 run and 0 wait"):
        await works.tasks[1]


def test_who_cannot_wait_has_a_place_at_once_or_none():
    lane = Lane("works", places=1, most_waiting=0)
    with lane.place_at_once():
        with pytest.raises(ProblemError, match="1 run and 0 wait"), lane.place_at_once():
            pass
        with pytest.raises(ProblemError, match="1 run and 0 wait"):
            lane.check()
    with pytest.raises(ZeroDivisionError), lane.place_at_once():
        raise ZeroDivisionError
    lane.check()
