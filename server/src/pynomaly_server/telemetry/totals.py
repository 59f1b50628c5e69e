"""What all processes have counted together, in the broker.

Each process adds what it has counted every few seconds. So the totals are right for any number of API
processes, workers and sweepers on any number of machines, whoever is asked answers the same, and a process
that was killed leaves nothing behind but what it had not added yet. Where the broker loses its data all
totals begin at zero together, which Prometheus takes for a restart.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Final

import redis
import structlog

from pynomaly_server.ids import new_id
from pynomaly_server.telemetry.meters import take_all
from pynomaly_server.worker.broker import connect

KEY: Final = "pynomaly:figures"
ADD_SECONDS: Final = 2.0
WINDOW_SECONDS: Final = 300
WINDOWS: Final = 3
"""Windows that are read together: the present one and those before it."""
RECENT: Final = ("pynomaly_cells_total", "pynomaly_missing_cells_total")
"""What is also counted by windows, for figures about the present."""
_KNOWN_SECONDS: Final = 3_600
_PARTING_SECONDS: Final = 10.0
_TRIES: Final = 10
_REST_SECONDS: Final = 0.1

# A batch whose answer was lost is sent again under its number, and then counts once. The time is the broker's
# own, so that all processes write in one window.
_ADD: Final = """
if redis.call('GET', KEYS[2]) == ARGV[1] then
  return 0
end
local now = tonumber(redis.call('TIME')[1])
local window = KEYS[1] .. ':' .. math.floor(now / tonumber(ARGV[2]))
for i = 5, #ARGV, 3 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] == '1' then
    redis.call('HINCRBY', window, ARGV[i], ARGV[i + 1])
    redis.call('EXPIRE', window, tonumber(ARGV[2]) * (tonumber(ARGV[3]) + 1))
  end
end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[4])
return 1
"""
_RECENT: Final = """
local now = math.floor(tonumber(redis.call('TIME')[1]) / tonumber(ARGV[1]))
local found = {}
for window = now - tonumber(ARGV[2]) + 1, now do
  for _, each in ipairs(redis.call('HGETALL', KEYS[1] .. ':' .. window)) do
    found[#found + 1] = each
  end
end
return found
"""
_log = structlog.get_logger("pynomaly.telemetry")


class Totals:
    """The totals, for threads: a call waits for the broker as long as its client does."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._process = f"{KEY}:of:{new_id('prc')}"
        self._number = 0
        self._unsent: dict[str, int] = {}
        self._adding = threading.Lock()

    def connect(self) -> None:
        """Open the connection now, while there is memory for it; the first call does otherwise."""
        with contextlib.suppress(Exception):  # the first call will tell of it
            self._client.ping()

    def add(self) -> None:
        """Add what this process has counted.

        Raises:
            redis.RedisError: the broker did not answer; what was to be added is kept for the next call.
        """
        with self._adding:
            if not self._unsent:
                self._unsent = take_all()
                self._number += 1
            if not self._unsent:
                return
            amounts: list[str | int] = []
            for name, amount in self._unsent.items():
                amounts += [name, amount, int(name.startswith(RECENT))]
            self._client.eval(
                _ADD,
                2,
                *(KEY, self._process),
                *(self._number, WINDOW_SECONDS, WINDOWS, _KNOWN_SECONDS),
                *amounts,
            )
            self._unsent = {}

    def read(self) -> dict[str, int]:
        """The totals by field; raises redis-py's errors."""
        found: Any = self._client.hgetall(KEY)
        return {name.decode(): int(amount) for name, amount in found.items()}

    def recent(self) -> dict[str, int]:
        """What of `RECENT` was counted in the last windows, 10 to 15 minutes, by field; raises as `read`."""
        flat: Any = self._client.eval(_RECENT, 1, KEY, WINDOW_SECONDS, WINDOWS)
        found: dict[str, int] = {}
        for name, amount in zip(flat[::2], flat[1::2], strict=True):
            found[name.decode()] = found.get(name.decode(), 0) + int(amount)
        return found


class Reporter:
    """Adds to the totals from a thread, every `ADD_SECONDS` and at the end."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)

    def start(self) -> None:
        """Begin; after a fork, not before."""
        self._thread.start()

    def stop(self) -> None:
        """Add what is left, and end; for a broker that does not answer, after some seconds."""
        self._over.set()
        self._thread.join(_PARTING_SECONDS)

    def _run(self) -> None:
        reached, tries = True, 0
        self._totals.connect()
        while True:
            over = self._over.wait(ADD_SECONDS)
            try:
                self._totals.add()
                reached = True
            except redis.RedisError as error:
                if reached:
                    _log.warning("figures are kept back: the broker does not answer", error=str(error))
                reached = False
            except Exception as error:  # noqa: BLE001 - another thread may have taken all memory; this one goes on
                if reached:
                    _log.error("figures are kept back", error=f"{type(error).__name__}: {error}")
                reached = False
                if over and tries < _TRIES:
                    tries += 1
                    time.sleep(_REST_SECONDS)
                    continue
            if over:
                return


def reporter(broker_url: str) -> Reporter:
    """The reporter of a process, with a connection of its own that the first report opens."""
    return Reporter(Totals(connect(broker_url)))
