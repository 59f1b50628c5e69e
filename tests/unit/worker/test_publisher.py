"""How many messages tell of light jobs."""

import asyncio

import pytest

from pynomaly_server.jobs.light.rules import MOST_TOGETHER
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.settings import Settings
from pynomaly_server.worker import publisher as room
from pynomaly_server.worker.publisher import CROWDED_SECONDS, GATHERING_SECONDS, BackgroundPublisher


@pytest.fixture
def told(monkeypatch):
    """The jobs that messages were sent of."""
    names = []
    monkeypatch.setattr(room, "publish", lambda _app, job_id, _queue, _place: names.append(job_id))
    return names


@pytest.fixture
def publisher(told, tmp_path):
    settings = Settings(data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0", secret_key="x" * 40)
    publisher = BackgroundPublisher(settings)
    yield publisher
    publisher.close()


async def publish(publisher, numbers):
    for number in numbers:
        publisher.publish(f"job_{number}", JobQueue.SMALL, together=True)
    publisher._threads.shutdown(wait=True)


async def test_as_many_as_go_together_do_not_wait_for_more(publisher, told):
    await publish(publisher, range(MOST_TOGETHER + 5))
    assert told == ["job_0", "job_1"]


@pytest.mark.parametrize(("more", "seconds"), [(1, GATHERING_SECONDS), (9, CROWDED_SECONDS)])
async def test_jobs_are_gathered_for_longer_where_they_come_fast(publisher, monkeypatch, more, seconds):
    loop, waits = asyncio.get_running_loop(), []
    monkeypatch.setattr(loop, "call_later", lambda after, *call: waits.append((after, call)))
    for number in range(1 + more):
        publisher.publish(f"job_{number}", JobQueue.SMALL, together=True)
    ((_, (end, *given)),) = waits
    end(*given)
    assert waits[1][0] == seconds
    _, (end, *given) = waits[1]
    end(*given)
    assert len(waits) == 2, "nothing came, so nothing is waited for"
