"""What truly differs between the two colours: sleeping, bounding a block in time, and doing two things at
once. The bytes of bodies are in `bodies.py`.

The asynchronous half stands on anyio, as httpx does, so that it runs wherever httpx runs: asyncio or trio.

The async names come first in each pair; `sdk/unasync.py` exchanges them for the sync ones.
"""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from inspect import isawaitable
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pynomaly.errors import DataError
from pynomaly.transport.bounded import bounded_attempt, time_left

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class AsyncClock(Protocol):
    """Time as the async driver sees it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Let `seconds` pass."""
        ...


class Clock(Protocol):
    """Time as the sync driver sees it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> object:
        """Let `seconds` pass."""
        ...


class AsyncSystemClock:
    """The machine's clock, sleeping in the event loop."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass while other tasks run."""
        import anyio

        await anyio.sleep(seconds)


class SystemClock:
    """The machine's clock, sleeping in the thread."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)


def async_within(seconds: float) -> AbstractAsyncContextManager[Any]:
    """Cancel the block after `seconds` and raise `TimeoutError`."""
    return _Within(seconds)


class _Within:
    def __init__(self, seconds: float) -> None:
        import anyio

        self._scope = anyio.fail_after(None if math.isinf(seconds) else seconds)

    async def __aenter__(self) -> None:
        self._scope.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._scope.__exit__(kind, error, trace)


def within(seconds: float) -> AbstractContextManager[Any]:
    """Let no read or write of the block wait past `seconds`: a thread cannot be interrupted."""
    return bounded_attempt(seconds)


class AsyncSlots:
    """Places of attempts that may be under way at once; whoever finds none waits within its own bound.

    Args:
        size: Number of places; None for no bound.
    """

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._free: Any = None

    async def __aenter__(self) -> None:
        if self._size is None:
            return
        if self._free is None:
            # Made at its first use, when it is known on which event loop the client lives.
            import anyio

            self._free = anyio.Semaphore(self._size)
        await self._free.acquire()

    async def __aexit__(self, *_exc: object) -> None:
        if self._free is not None:
            self._free.release()


class Slots:
    """Places of attempts that may be under way at once; whoever finds none waits within its own bound.

    Args:
        size: Number of places; None for no bound.
    """

    def __init__(self, size: int | None) -> None:
        self._free = None if size is None else threading.BoundedSemaphore(size)

    def __enter__(self) -> None:
        if self._free is not None and not self._free.acquire(timeout=time_left()):
            raise TimeoutError

    def __exit__(self, *_exc: object) -> None:
        if self._free is not None:
            self._free.release()


class Held(Protocol):
    """What `holding` holds: the lock of several processes."""

    def lock(self) -> int:
        """Wait for the lock."""
        ...

    def unlock(self, descriptor: int) -> None:
        """Let others have it."""
        ...


@asynccontextmanager
async def async_holding(held: Held) -> AsyncGenerator[None]:
    """Hold a lock of several processes; waiting is done in a thread."""
    descriptor = await async_in_thread(held.lock)
    try:
        yield
    finally:
        held.unlock(descriptor)


@contextmanager
def holding(held: Held) -> Generator[None]:
    """Hold a lock of several processes."""
    descriptor = held.lock()
    try:
        yield
    finally:
        held.unlock(descriptor)


async def async_given(value: Any) -> Any:
    """What a function of the caller's gave, which may be a coroutine function."""
    return await value if isawaitable(value) else value


def given(value: Any) -> Any:
    """What a function of the caller's gave.

    Raises:
        DataError: It is a coroutine function, which nothing here can await.
    """
    if isawaitable(value):
        raise DataError("A coroutine function can only be given to AsyncPynomalyClient.")
    return value


async def async_hedged(attempt: Callable[[], Awaitable[T]], after: float) -> T:
    """Make an attempt, and the same a second time where it is not over `after` seconds later.

    The first that succeeds counts, and the other is cancelled; where both fail, the error of the later.
    """
    import anyio

    results: list[T] = []
    errors: list[Exception] = []

    async def run(scope: Any, failed: Any) -> None:
        try:
            results.append(await attempt())
            scope.cancel()
        except Exception as exc:  # noqa: BLE001  raised again below
            errors.append(exc)
            failed.set()
            if len(errors) == begun:
                scope.cancel()

    begun = 1
    async with anyio.create_task_group() as tasks:
        failed = anyio.Event()
        tasks.start_soon(run, tasks.cancel_scope, failed)
        with anyio.move_on_after(after):
            await failed.wait()
        if not failed.is_set() and not results:
            begun = 2
            tasks.start_soon(run, tasks.cancel_scope, failed)
    if results:
        return results[0]
    raise errors[-1]


def hedged(attempt: Callable[[], T], after: float) -> T:
    """Make an attempt, and the same a second time where it is not over `after` seconds later.

    The first that succeeds counts; the other ends by itself, at the latest with the attempt's time. Where
    both fail, the error of the later.
    """
    outcomes: SimpleQueue[tuple[bool, Any]] = SimpleQueue()

    def run(context: contextvars.Context) -> None:
        try:
            outcomes.put((True, context.run(attempt)))
        except Exception as exc:  # noqa: BLE001  raised again below
            outcomes.put((False, exc))

    def begin() -> None:
        # The bound of the attempt is in the context, and each thread needs a copy of its own.
        threading.Thread(target=run, args=(contextvars.copy_context(),), daemon=True).start()

    begin()
    begun = 1
    try:
        succeeded, outcome = outcomes.get(timeout=after)
    except Empty:
        begin()
        begun = 2
        succeeded, outcome = outcomes.get()
    if not succeeded and begun == 2:
        succeeded, outcome = outcomes.get()
    if not succeeded:
        raise outcome
    return outcome


def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that blocks; here that is all there is to it."""
    return function(*arguments)


async def async_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that blocks, in a thread while other tasks run."""
    import anyio.to_thread

    return await anyio.to_thread.run_sync(function, *arguments)


def async_bound(transport: httpx.AsyncHTTPTransport) -> httpx.AsyncHTTPTransport:
    """The transport as it is: a task that waits past its time is cancelled."""
    return transport
