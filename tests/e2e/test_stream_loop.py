"""The stream of the examples: batches, commits, dead letters, and a server that is away."""

import asyncio
import importlib.util
import json
import sys

import pytest
from tests.e2e.test_examples import EXAMPLES

from pynomaly.testing import FakeServer


class PowerCutError(Exception):
    """Ends the loop."""


@pytest.fixture(scope="module")
def module():
    spec = importlib.util.spec_from_file_location("stream_loop", EXAMPLES / "stream_loop.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["stream_loop"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["stream_loop"]


@pytest.fixture
def made(module):
    """Makes a loop that writes down what it does, and its server in memory."""

    def made(**options):
        server, happened = FakeServer(), []
        client = server.async_client(max_retries=0, timeout=5.0)

        async def sleep(seconds):
            happened.append("slept")
            server.clock.advance(seconds)

        loop = module.Loop(
            client,
            commit=lambda offset: happened.append(f"commit {offset}"),
            found=lambda message, row: happened.append(f"found {message.offset}"),
            dead=lambda message, why: happened.append(f"dead {message.offset}"),
            sleep=sleep,
            **options,
        )
        return loop, server, happened

    return made


def usual(module, count, start=0):
    return [
        module.Message(offset, json.dumps({"amount": 10.0 + offset * 37 % 101}).encode())
        for offset in range(start, start + count)
    ]


def apart_from_found(happened):
    """A share of the rows is found whatever they are."""
    return [each for each in happened if not each.startswith("found")]


async def streamed(messages):
    for message in messages:
        yield message


def test_the_program_looks_at_every_payment_of_a_real_server(stack):
    done = stack.run_python(str(EXAMPLES / "stream_loop.py"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:-2]] == ["dead letter 700", "dead letter 1300"]
    assert " anomalies, such as " in lines[-2]
    # 1,001 payments until the pause, 999 after it, 200 at a time.
    assert lines[-1] == "committed up to 2000 in 11 steps"


async def test_a_batch_is_committed_after_what_it_brought(module, made):
    loop, _, happened = made(size=50)
    odd = module.Message(70, b'{"amount": 9000.0}')
    await loop.run(streamed([*usual(module, 70), odd, *usual(module, 29, 71)]))
    assert apart_from_found(happened) == ["commit 50", "commit 100"]
    assert happened.index("commit 50") < happened.index("found 70") < happened.index("commit 100")


async def test_a_pause_of_the_stream_ends_a_batch(module, made):
    loop, _, happened = made(size=50)
    await loop.run(streamed([None, *usual(module, 20), None, *usual(module, 50, 20)]))
    assert apart_from_found(happened) == ["commit 20", "commit 70"]


async def test_while_the_server_is_away_nothing_is_committed_and_nothing_lost(module, made):
    loop, server, happened = made(size=50)
    server.fail_next(3, "connect")
    await loop.run(streamed(usual(module, 100)))
    assert apart_from_found(happened) == ["slept", "slept", "slept", "commit 50", "commit 100"]


async def test_reading_does_not_run_ahead_of_a_server_that_is_away(module, made):
    loop, server, happened = made(size=10, ahead=2)
    read = []

    async def stream():
        for message in usual(module, 200):
            read.append(message.offset)
            yield message

    async def give_up(_seconds):
        for _ in range(100):  # as much as the reader wants
            await asyncio.sleep(0)
        raise PowerCutError

    loop.sleep = give_up
    server.fail_always("connect")
    with pytest.raises(ExceptionGroup):
        await loop.run(stream())
    assert happened == []
    # One looked at, two that wait, and the one that has no place among them.
    assert len(read) == 40


async def test_a_stream_that_breaks_ends_the_loop_after_what_is_committed(module, made):
    loop, _, _ = made(size=10)
    commits, committed = [], asyncio.Event()

    def commit(offset):
        commits.append(offset)
        committed.set()

    async def stream():
        for message in usual(module, 15):
            yield message
        await committed.wait()
        raise PowerCutError

    loop.commit = commit
    with pytest.raises(ExceptionGroup):
        await loop.run(stream())
    assert commits == [10]


async def test_a_message_that_cannot_be_used_holds_up_no_other(module, made):
    loop, _, happened = made(size=20)
    messages = usual(module, 20)
    messages[3] = module.Message(3, b"[1, 2]")
    messages[11] = module.Message(11, b'{"amount": 1e999}')
    await loop.run(streamed(messages))
    assert apart_from_found(happened) == ["dead 3", "dead 11", "commit 20"]
    assert len(loop.recent) + sum(each.startswith("found") for each in happened) == 18


async def test_a_refused_key_ends_the_loop_without_a_commit(module, made):
    loop, server, happened = made()
    server.fail_always(401)
    with pytest.raises(ExceptionGroup):
        await loop.run(streamed(usual(module, 20)))
    assert happened == []
