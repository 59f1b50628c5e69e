"""Loaded models are shared, bounded in memory and loaded once for everybody who waits."""

from __future__ import annotations

import asyncio

import pytest

from pynomaly_server.models.cache import BYTES_PER_ARTEFACT_BYTE, ModelCache


class Loader:
    """Counts what it loads, and waits for `gate` where there is one."""

    def __init__(self, gate=None):
        self.loaded = []
        self.gate = gate

    def of(self, key):
        async def load():
            self.loaded.append(key)
            if self.gate is not None:
                await self.gate.wait()
            return f"model of {key}"

        return load


async def test_a_kept_model_is_not_loaded_again():
    cache, loader = ModelCache(1_000), Loader()
    assert [await cache.get("a", 10, loader.of("a")) for _ in range(3)] == ["model of a"] * 3
    assert loader.loaded == ["a"]


async def test_everybody_who_waits_for_a_model_shares_one_loading():
    gate = asyncio.Event()
    cache, loader = ModelCache(1_000), Loader(gate)
    waiting = [asyncio.create_task(cache.get("a", 10, loader.of("a"))) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*waiting) == ["model of a"] * 20
    assert loader.loaded == ["a"]


async def test_a_caller_who_hangs_up_does_not_end_the_loading_for_others():
    gate = asyncio.Event()
    cache, loader = ModelCache(1_000), Loader(gate)
    first = asyncio.create_task(cache.get("a", 10, loader.of("a")))
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(cache.get("a", 10, loader.of("a")))
    await asyncio.sleep(0)
    gate.set()
    assert await second == "model of a"
    assert loader.loaded == ["a"]


async def test_a_hundred_models_in_rotation_stay_within_the_budget():
    budget = 10 * 7 * BYTES_PER_ARTEFACT_BYTE
    cache, loader = ModelCache(budget), Loader()
    for turn in range(300):
        await cache.get(str(turn % 100), 7, loader.of(str(turn % 100)))
        assert cache.used_bytes <= budget
    assert cache.used_bytes == budget
    assert len(loader.loaded) == 300


async def test_the_model_used_longest_ago_makes_room():
    cache, loader = ModelCache(2 * 10 * BYTES_PER_ARTEFACT_BYTE), Loader()
    for key in ("a", "b", "a", "c", "a"):
        await cache.get(key, 10, loader.of(key))
    assert loader.loaded == ["a", "b", "c"]


async def test_a_model_larger_than_the_budget_serves_and_pushes_nothing_out():
    cache, loader = ModelCache(10 * BYTES_PER_ARTEFACT_BYTE), Loader()
    await cache.get("small", 10, loader.of("small"))
    assert await cache.get("large", 11, loader.of("large")) == "model of large"
    await cache.get("small", 10, loader.of("small"))
    assert loader.loaded == ["small", "large"]


async def test_a_loading_that_failed_is_told_to_all_and_tried_again_by_the_next():
    cache, gate = ModelCache(1_000), asyncio.Event()
    tries = []

    async def fail():
        tries.append(1)
        await gate.wait()
        raise OSError("no disk")

    waiting = [asyncio.create_task(cache.get("a", 10, fail)) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["no disk"] * 3
    with pytest.raises(OSError, match="no disk"):
        await cache.get("a", 10, fail)
    assert len(tries) == 2
