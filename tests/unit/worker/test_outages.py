"""A loop whose database or broker is away says so in one line, and once that it is back."""

from __future__ import annotations

import kombu.exceptions
import pytest
import redis
import sqlalchemy as sa
import structlog
from structlog.testing import capture_logs
from tests.chaos.parts import free_port

from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.outages import Outage
from pynomaly_server.settings import Settings
from pynomaly_server.worker.sweeper import BrokerQueue


def error_of(call, *arguments):
    with pytest.raises(
        (redis.RedisError, kombu.exceptions.OperationalError, sa.exc.OperationalError)
    ) as raised:
        call(*arguments)
    return raised.value


def test_an_outage_is_one_line_with_its_reason_and_its_end_another(tmp_path):
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    broker = BrokerQueue(Settings.load(data_dir=tmp_path, redis_url=nobody, secret_key="x" * 32))
    database = sa.create_engine(f"sqlite:///{tmp_path / 'no folder' / 'pynomaly.db'}")
    with capture_logs() as lines:
        outage = Outage(structlog.get_logger(), "sweeps fail", "sweeps succeed")
        outage.succeeded()
        for _ in range(3):
            outage.failed(error_of(broker.length, JobQueue.SMALL))
        outage.failed(error_of(broker.publish, "job_1", JobQueue.SMALL))
        outage.succeeded()
        outage.succeeded()
        outage.failed(error_of(database.connect))
    assert [line["event"] for line in lines] == ["sweeps fail"] * 2 + ["sweeps succeed", "sweeps fail"]
    assert all("Connection refused" in line["reason"] for line in lines[:2])
    assert lines[3]["reason"] == "unable to open database file"
    assert not any("exc_info" in line for line in lines)


def test_what_is_no_outage_is_told_with_its_traceback_once():
    with capture_logs() as lines:
        outage = Outage(structlog.get_logger(), "sweeps fail", "sweeps succeed")
        faults = [ValueError("one"), ValueError("another"), KeyError("a third")]
        for fault in faults:
            outage.failed(fault)
    assert [line["exc_info"] for line in lines] == [faults[0], faults[2]]
