"""A loop over a stream of messages as consumers of Kafka have it, without Kafka: any iterator will do.

    python examples/stream_loop.py      (against the server that `make serve` keeps running)

- Messages are looked at in micro-batches: what came until `size` are there or the stream pauses (`None`).
- Reading goes at most `ahead` batches ahead of detection, so a slow server slows the reading, and memory is
  bounded.
- An offset is committed once everything up to it was looked at. After a crash the rest is delivered again.
- While the server is away the loop waits and loses nothing. A message that cannot be used goes to the dead
  letters with the reason, and holds up no other.
"""

import asyncio
import csv
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pynomaly import (
    APIError,
    APIStatusError,
    AsyncPynomalyClient,
    BadRequestError,
    DataError,
    RowResult,
    ServerError,
    UnprocessableEntityError,
)

PAYMENTS = Path(__file__).parent / "transactions.csv"
REFUSED = (BadRequestError, DataError, UnprocessableEntityError)
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Message:
    """What a consumer hands out."""

    offset: int
    value: bytes


@dataclass
class Loop:
    """Looks at a stream with a client.

    Args:
        client: Asks the server.
        commit: Is told the offset from which to go on after a restart.
        found: Gets each anomalous message with its result.
        dead: Gets each message that cannot be used, and why.
        size: Messages in a micro-batch at most.
        window: Messages before it that a batch is compared with.
        ahead: Batches that may wait while one is looked at.
        sleep: Lets time pass while the server is away.
    """

    client: AsyncPynomalyClient
    commit: Callable[[int], object]
    found: Callable[[Message, RowResult], object]
    dead: Callable[[Message, str], object]
    size: int = 200
    window: int = 1000
    ahead: int = 2
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    recent: deque[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin without anything to compare with."""
        self.recent = deque(maxlen=self.window)

    async def run(self, stream: AsyncIterator[Message | None]) -> None:
        """Look at messages until the stream ends.

        Raises:
            ExceptionGroup: The stream broke, or the server refuses for good, such as the key. What was not
                committed is delivered again.
        """
        waiting: asyncio.Queue[list[Message] | None] = asyncio.Queue(self.ahead)

        async def read() -> None:
            async for batch in self.batches(stream):
                await waiting.put(batch)  # waits while `ahead` batches wait already
            await waiting.put(None)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(read())
            while (batch := await waiting.get()) is not None:
                await self.look_at(batch)
                self.commit(batch[-1].offset + 1)

    async def batches(self, stream: AsyncIterator[Message | None]) -> AsyncIterator[list[Message]]:
        """Group messages: `size` of them, or fewer where the stream pauses."""
        batch: list[Message] = []
        async for message in stream:
            if message is not None:
                batch.append(message)
            if batch and (message is None or len(batch) == self.size):
                yield batch
                batch = []
        if batch:
            yield batch

    async def look_at(self, batch: Sequence[Message]) -> None:
        """Look at a batch, however long the server is away."""
        rows: list[tuple[Message, dict[str, Any]]] = []
        for message in batch:
            try:
                row = json.loads(message.value)
            except ValueError as error:
                self.dead(message, str(error))
                continue
            if isinstance(row, dict):
                rows.append((message, row))
            else:
                self.dead(message, "a message has to be a JSON object")
        if rows:
            await self.detect(rows)

    async def detect(self, rows: Sequence[tuple[Message, dict[str, Any]]]) -> None:
        """Detect among the rows; where they are refused, halve them until the one at fault is alone."""
        try:
            result = await self.patiently([*self.recent, *(row for _, row in rows)])
        except REFUSED as error:
            if len(rows) == 1:
                self.dead(rows[0][0], str(error))
                return
            half = len(rows) // 2
            await self.detect(rows[:half])
            await self.detect(rows[half:])
            return
        known = len(self.recent)
        for place, (message, row) in enumerate(rows, start=known):
            if result.predictions[place]:
                self.found(message, result.row(place))
            else:  # what is unusual must not become what is usual
                self.recent.append(row)

    async def patiently(self, rows: list[dict[str, Any]]) -> Any:
        """Detect, again and again while the server is away; the client's own retries are within each time."""
        pause = 1.0
        while True:
            try:
                return await self.client.detect_anomalies(rows, contamination=0.01, include_explanations=True)
            except APIError as error:
                away = not isinstance(error, APIStatusError) or isinstance(error, ServerError)
                if not away and error.status not in (408, 425, 429):
                    raise
                await self.sleep(max(pause, getattr(error, "retry_after", None) or 0.0))
                pause = min(2 * pause, LONGEST_PAUSE)


def payments() -> Iterator[Message | None]:
    """The payments of `transactions.csv` as messages; one is no JSON, one has an endless amount."""
    with PAYMENTS.open(newline="") as file:
        rows = [{**row, "amount": float(row["amount"])} for row in csv.DictReader(file)]
    values = [json.dumps(row).encode() for row in rows]
    values[700] = b"<payment/>"
    values[1300] = b'{"transaction_id": "T001301", "amount": 1e999}'
    for offset, value in enumerate(values):
        yield Message(offset, value)
        if offset == 1000:
            yield None


async def as_stream(messages: Iterator[Message | None]) -> AsyncIterator[Message | None]:
    """An iterator whose `next` may block, such as a consumer's poll, beside the event loop."""
    ended = object()
    while (message := await asyncio.to_thread(next, messages, ended)) is not ended:
        yield message


async def main() -> None:
    """Look at all payments, and print what happened."""
    committed: list[int] = []
    found: list[str] = []
    async with AsyncPynomalyClient() as client:
        loop = Loop(
            client,
            commit=committed.append,
            found=lambda message, row: found.append(f"{message.offset} ({row.reasons(2)})"),
            dead=lambda message, why: print(f"dead letter {message.offset}: {why}"),
        )
        await loop.run(as_stream(payments()))
    print(f"{len(found)} anomalies, such as {found[-1]}")
    print(f"committed up to {committed[-1]} in {len(committed)} steps")


if __name__ == "__main__":
    asyncio.run(main())
