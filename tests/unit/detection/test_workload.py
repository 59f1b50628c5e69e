"""Small detections go on while large ones take all that they may."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pynomaly_server.detection.workload import SMALL_EFFORT, Workload
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
