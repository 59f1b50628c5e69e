"""Divides the processes of a worker among the queues, and watches over them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

import structlog

from pynomaly_server.jobs.queues import JobQueue

_LOOK_SECONDS: Final = 1.0
_log = structlog.get_logger("pynomaly.worker")


@dataclass(frozen=True, slots=True)
class Consumer:
    """Processes that take from the same queues.

    Where `first_preferred`, they take from the first queue as long as it has something, but for a turn of the
    others now and then (`FirstBeforeOthers`); otherwise from each in turn.
    """

    queues: Sequence[JobQueue]
    processes: int
    first_preferred: bool


def divide(queues: Sequence[JobQueue], processes: int) -> list[Consumer]:
    """Consumers of `queues` with so many processes, and in some cases one more.

    Where there are two processes or more and other queues than that of small jobs, one is added that is kept
    for small jobs: none of those waits for a large one, and a large one has all processes that were asked
    for. A single process prefers small jobs.
    """
    ordered = [queue for queue in JobQueue if queue in queues]
    if len(ordered) == 1 or processes == 1:
        return [Consumer(ordered, processes, first_preferred=True)]
    return [
        Consumer([JobQueue.SMALL], 1, first_preferred=True),
        Consumer(ordered, processes, first_preferred=False),
    ]


class ConsumerGroup:
    """One process per consumer, forked from this one; one that dies is started again.

    Fork only from a process without threads, connections and numeric libraries.
    """

    def __init__(self, consumers: Sequence[Consumer], work: Callable[[Consumer], None]) -> None:
        self._consumers = consumers
        self._work = work
        self._context = get_context("fork")
        self._running: dict[int, BaseProcess] = {}
        self._stopping = False
        self._pid = os.getpid()

    def run(self) -> None:
        """Until SIGTERM, SIGINT or SIGQUIT, which the consumers are sent, and until these have ended.

        They are sent SIGHUP too, which ends nobody.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self._pass_on)
        signal.signal(signal.SIGHUP, self._pass_on_reload)
        for position in range(len(self._consumers)):
            self._start(position)
        while self._running:
            wait([process.sentinel for process in self._running.values()], _LOOK_SECONDS)
            for position, process in list(self._running.items()):
                if process.exitcode is not None:
                    self._ended(position, process.exitcode)

    def _start(self, position: int) -> None:
        process = self._context.Process(target=self._in_child, args=(self._consumers[position],))
        self._running[position] = process
        process.start()

    def _in_child(self, consumer: Consumer) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it has settings that it could read anew
        self._work(consumer)

    def _ended(self, position: int, exitcode: int) -> None:
        del self._running[position]
        if self._stopping:
            return
        queues = [str(queue) for queue in self._consumers[position].queues]
        _log.error("consumer ended and is started again", queues=queues, exitcode=exitcode)
        time.sleep(_LOOK_SECONDS)  # one that cannot start must not keep the machine busy
        if not self._stopping:
            self._start(position)

    def _pass_on_reload(self, _number: int, _frame: Any) -> None:
        for process in self._running.values():
            if os.getpid() == self._pid and process.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGHUP)

    def _pass_on(self, number: int, _frame: Any) -> None:
        if os.getpid() != self._pid:
            sys.exit(128 + number)
        self._stopping = True
        # A terminal sends SIGINT to all of them by itself, and Celery takes a second one for impatience.
        passed = signal.SIGTERM if number == signal.SIGINT else signal.Signals(number)
        for process in self._running.values():
            if process.pid is not None:
                try:
                    os.kill(process.pid, passed)
                except ProcessLookupError:
                    continue
