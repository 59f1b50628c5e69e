"""Token buckets in Valkey or Redis, exact for any number of processes.

Each charge is one Lua call. Charges that arrive while others are on their way travel together, so that a
process needs one connection however many requests it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import structlog

from pynomaly_server.quotas.quota import Counted
from pynomaly_server.ratelimit.limits import (
    CHANGING,
    UNLIMITED,
    Charge,
    Decision,
    Limit,
    Tally,
    mark_name,
)
from pynomaly_server.ratelimit.wire import Call, ScriptConnection, packed_call
from pynomaly_server.telemetry.figures import BREAKER_OPENED

MOST_TOGETHER: Final = 256
FIRST_PROBE_SECONDS: Final = 0.25
LAST_PROBE_SECONDS: Final = 5.0
TALLY_KEPT_SECONDS: Final = 62 * 86_400
"""How long a month's count is kept after it last grew."""
MARK_KEPT_SECONDS: Final = 3_600
NOTED_SECONDS: Final = 0.05
"""How long a count that nobody waits for may wait for company."""
_EMPTY, _OVER_QUOTA = 0, 2
_MOST_PACKED: Final = 4_096
_NO_MARK: Final = (b"", CHANGING.encode())
_PROBE: Final = Charge(Limit("probe", 1, 1), "probe", 0)
_log = structlog.get_logger("pynomaly.ratelimit")

# The time is Valkey's own, so that clocks of several machines cannot disagree; a clock that steps back adds
# nothing. Levels are whole numbers below 2^53 and printed as such. A bucket that is full again is forgotten.
SCRIPT: Final = """\
local tokens, full, units = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local level = full
local kept = redis.call('GET', KEYS[1])
if kept then
  local held, at = string.match(kept, '^(%d+) (%d+)$')
  now = math.max(now, tonumber(at))
  local missing = full - tonumber(held)
  local elapsed = now - tonumber(at)
  if elapsed * tokens < missing then
    level = full - missing + elapsed * tokens
  end
end
if units > level then
  return {0, level, 0}
end
local counted = 0
if KEYS[2] then
  local before = tonumber(redis.call('GET', KEYS[2]) or '0')
  counted = before + tonumber(ARGV[4])
  if ARGV[5] ~= '' and counted > tonumber(ARGV[5]) then
    return {2, level, before}
  end
  redis.call('SET', KEYS[2], string.format('%.0f', counted), 'EX', ARGV[6])
end
local mark = ''
if KEYS[3] then
  mark = redis.call('GET', KEYS[3])
  if not mark then
    mark = time[1] .. '.' .. time[2]
    redis.call('SET', KEYS[3], mark, 'EX', ARGV[7])
  end
end
level = level - units
local fills_in = math.ceil((full - level) / tokens / 1000) + 1
redis.call('SET', KEYS[1], string.format('%.0f %.0f', level, now), 'PX', string.format('%.0f', fills_in))
return {1, level, counted, mark}
"""


class UnreachableError(Exception):
    """The shared buckets do not answer."""


class SharedBuckets:
    """`patience` is how many seconds Valkey may take to answer.

    Once it takes longer, or fails, every charge is refused at once with `UnreachableError`, and a task in
    the background asks until it answers again; so a Valkey that hangs delays no further request.
    """

    def __init__(self, url: str, patience: float) -> None:
        self._connection = ScriptConnection(url, SCRIPT, patience)
        self._patience = patience
        self._waiting: list[tuple[Charge, asyncio.Future[Decision]]] = []
        self._noted: dict[tuple[str, Counted, str], int] = {}
        self._flusher: asyncio.TimerHandle | None = None
        self._sender: asyncio.Task[None] | None = None
        self._prober: asyncio.Task[None] | None = None

    async def take(self, charge: Charge) -> Decision:
        """Take a charge where its bucket holds enough; raises `UnreachableError`."""
        if self._prober is not None:
            raise UnreachableError
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._queue(charge, answer)
        return await answer

    def note(self, tally: Tally) -> None:
        """Count what nothing is refused for, and wait for nothing; it is lost where Valkey is away.

        It travels with the next charge, added up with what else is to be counted there, or by itself soon.
        """
        if self._prober is not None:
            return
        kind = (tally.tenant_id, tally.counted, tally.month)
        self._noted[kind] = self._noted.get(kind, 0) + tally.amount
        if self._flusher is None and self._sender is None:
            self._flusher = asyncio.get_running_loop().call_later(NOTED_SECONDS, self._send_soon)

    async def counted(self, tenant_id: str, month: str) -> tuple[int, int]:
        """Requests and rows of a tenant in a month; raises `UnreachableError`."""
        requests, rows = [
            await self.take(Charge(UNLIMITED, tenant_id, 0, Tally(tenant_id, counted, month, 0, None)))
            for counted in ("requests", "rows")
        ]
        return requests.counted, rows.counted

    async def aclose(self) -> None:
        """Stop asking and close the connection."""
        if self._flusher is not None:
            self._flusher.cancel()
        for task in (self._prober, self._sender):
            if task is not None:
                task.cancel()
        if self._prober is None and self._sender is None and self._noted:
            with contextlib.suppress(UnreachableError):
                await self._in_time(self._take_noted())
        await self._connection.aclose()

    def _queue(self, charge: Charge, answer: asyncio.Future[Decision]) -> None:
        self._waiting.append((charge, answer))
        self._send_soon()

    def _send_soon(self) -> None:
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    def _take_noted(self) -> list[Charge]:
        """What is to be counted, first in the queue, so that whoever asks for a count finds it."""
        if self._flusher is not None:
            self._flusher.cancel()
            self._flusher = None
        noted, self._noted = self._noted, {}
        return [Charge(UNLIMITED, kind[0], 0, Tally(*kind, amount, None)) for kind, amount in noted.items()]

    async def _send(self) -> None:
        """Send what waits until nothing does; ended before that, it tells those who wait."""
        batch: list[tuple[Charge, asyncio.Future[Decision]]] = []
        try:
            while self._waiting or self._noted:
                noted = self._take_noted()
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                try:
                    decisions = await self._in_time([*noted, *(charge for charge, _ in batch)])
                except UnreachableError as fault:
                    self._give_up(fault)
                    return
                for (_, answer), decision in zip(batch, decisions[len(noted) :], strict=True):
                    if not answer.done():
                        answer.set_result(decision)
        finally:
            self._sender = None
            waiting, self._waiting = batch + self._waiting, []
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(UnreachableError())

    def _give_up(self, fault: Exception) -> None:
        _log.warning("the shared rate limits are out of reach; local ones hold meanwhile", reason=str(fault))
        BREAKER_OPENED.add("rate-limits")
        self._prober = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        pause = FIRST_PROBE_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                await self._in_time([_PROBE])
            except UnreachableError:
                pause = min(pause * 2, LAST_PROBE_SECONDS)
                continue
            _log.info("the shared rate limits are back")
            self._prober = None
            return

    async def _in_time(self, charges: Sequence[Charge]) -> list[Decision]:
        """What `_ask` returns; raises `UnreachableError` where it fails or takes too long."""
        try:
            return await self._ask(charges)
        except TimeoutError:
            raise UnreachableError(f"no answer within {self._patience:g} s") from None
        except Exception as fault:
            # Whatever it is, such as a transport that uvloop has closed: those who wait must hear of it.
            raise UnreachableError(f"{type(fault).__name__}: {fault}") from fault

    async def _ask(self, charges: Sequence[Charge]) -> list[Decision]:
        answers = await self._connection.run([_call(charge) for charge in charges])
        return [_decision(charge, *answer) for charge, answer in zip(charges, answers, strict=True)]


@lru_cache(_MOST_PACKED)
def _call(charge: Charge) -> Call:
    """The script's call for a charge, packed; callers come again and again with the same ones."""
    limit, tally = charge.limit, charge.tally
    keys = [charge.name]
    arguments: list[str | int] = [limit.tokens, limit.full, limit.units(charge.millitokens)]
    if tally is not None:
        keys.append(tally.name)
        arguments += [tally.amount, "" if tally.quota is None else tally.quota, TALLY_KEPT_SECONDS]
        if charge.marked:
            keys.append(mark_name(tally.tenant_id))
            arguments.append(MARK_KEPT_SECONDS)
    return packed_call(keys, arguments)


def _decision(charge: Charge, outcome: int, level: int, counted: int, mark: bytes = b"") -> Decision:
    limit = charge.limit
    return limit.decide(
        limit.units(charge.millitokens),
        outcome != _EMPTY,
        level,
        counted=counted,
        over_quota=outcome == _OVER_QUOTA,
        mark=None if mark in _NO_MARK else mark.decode(),
    )
