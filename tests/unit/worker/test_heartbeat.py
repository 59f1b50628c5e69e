"""When a worker beats, and in which thread."""

from __future__ import annotations

import threading

import redis

from pynomaly_server.worker.heartbeat import Heartbeat


class Broker:
    """Notes which thread asked; no answer is needed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked_by: list[threading.Thread] = []
        self._error = error

    def eval(self, *_: object) -> None:
        self.asked_by.append(threading.current_thread())
        if self._error is not None:
            raise self._error

    def zrem(self, *_: object) -> None:
        pass


def test_the_first_beat_is_over_before_a_thread_begins():
    # Whoever starts it forks next, and what a first connection imports must not be half imported then.
    broker = Broker()
    heartbeat = Heartbeat(broker, "somebody")
    heartbeat.start()
    assert broker.asked_by == [threading.current_thread()]
    heartbeat.stop()


def test_a_broker_that_is_away_keeps_no_worker_from_starting():
    heartbeat = Heartbeat(Broker(redis.ConnectionError("away")), "somebody")
    heartbeat.start()
    heartbeat.stop()
