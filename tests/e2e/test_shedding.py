"""A server that is saturated with large detections."""

from __future__ import annotations

import asyncio
import os

import httpx

LARGE = {"algorithm": "lof", "data": [[float(n * k % 997) for k in range(1, 21)] for n in range(5_000)]}
SMALL = {"data": [[float(n % 7), float(n % 5)] for n in range(40)]}
MANY = 20 + (os.cpu_count() or 1)


async def test_large_detections_are_shed_while_small_ones_and_health_are_answered(stack):
    async with httpx.AsyncClient(
        base_url=f"{stack.base_url}/api/v1",
        headers={"X-API-Key": stack.api_key},
        timeout=300,
        limits=httpx.Limits(max_connections=MANY + 5),
    ) as api:
        large = [asyncio.create_task(api.post("/detect", json=LARGE)) for _ in range(MANY)]
        await asyncio.wait(large, return_when=asyncio.FIRST_COMPLETED)
        small = await api.post("/detect", json=SMALL)
        health = await api.get("/health")
        at_work = sum(not task.done() for task in large)
        answers = await asyncio.gather(*large)
    statuses = [answer.status_code for answer in answers]
    print(f"\n{MANY} large detections: {statuses.count(200)} done, {statuses.count(503)} shed")
    assert (small.status_code, health.status_code) == (200, 200)
    assert at_work > 0, "the server was not saturated"
    assert set(statuses) == {200, 503}
    shed = [answer for answer in answers if answer.status_code == 503]
    assert {answer.json()["code"] for answer in shed} == {"overloaded"}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 120 for answer in shed)
