"""Small detections go on while large ones take all that they may."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque

import pytest

from pynomaly_server.detection.workload import AT_ONCE_SECONDS, SMALL_EFFORT, TINY_EFFORT, Workload
from pynomaly_server.problems import ProblemError


async def test_small_work_is_done_while_large_work_fills_its_lane_and_its_queue():
    workload = Workload(cores=2)
    go_on = threading.Event()
    large = [asyncio.create_task(workload.run(go_on.wait, SMALL_EFFORT + 1)) for _ in range(17)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError, match="large detections") as shed:
        await workload.run(go_on.wait, SMALL_EFFORT + 1)
    assert int(shed.value.headers["Retry-After"]) >= 1
    small = [workload.run(lambda: "done", SMALL_EFFORT) for _ in range(20)]
    assert await asyncio.gather(*small) == ["done"] * 20
    go_on.set()
    assert await asyncio.gather(*large) == [True] * 17


async def test_tiny_work_that_was_quick_before_is_done_without_a_thread_and_slow_work_never():
    workload = Workload()
    loop = threading.get_ident()

    async def threads(work, like, effort=1.0):
        return [await workload.run(work, effort, like) == loop for _ in range(4)]

    def slow():
        until = time.perf_counter() + 2 * AT_ONCE_SECONDS
        while time.perf_counter() < until:
            pass
        return threading.get_ident()

    assert await threads(slow, "slow") == [False] * 4
    assert await threads(threading.get_ident, "quick", TINY_EFFORT + 1) == [False] * 4
    assert await threads(threading.get_ident, None) == [False] * 4
    workload._taken["quick"] = deque([1.0, 0.0, 1.0])  # a busy machine makes some of them slow
    assert await workload.run(threading.get_ident, 1.0, "quick") == loop


async def test_work_that_fails_in_the_event_loop_raises_what_it_would_in_a_thread():
    workload = Workload()
    workload._taken["quick"] = deque([0.0])
    with pytest.raises(ZeroDivisionError):
        await workload.run(lambda: 1 / 0, 1.0, "quick")
