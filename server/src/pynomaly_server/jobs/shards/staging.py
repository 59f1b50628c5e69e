"""Puts the rows and the model of a large job where any worker finds them."""

from __future__ import annotations

import hashlib
import hmac
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import polars as pl

from pynomaly_server.detection.fitting import Findings
from pynomaly_server.detection.pipeline import FittedPipeline, dump_pipeline, load_pipeline
from pynomaly_server.detectors.envelope import NotKeepable
from pynomaly_server.jobs.shards.claims import PlannedShard
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

_LENGTH_BYTES: Final = 8


def input_key(parts_key: str, number: int) -> str:
    """Object of the rows of a shard, before they are scored."""
    return f"{parts_key}/input-{number:05d}.arrows"


def remove_staged(store: ObjectStore, parts_key: str, numbers: Iterable[int]) -> None:
    """Remove the model, and what shards with these numbers were to read."""
    for number in numbers:
        store.delete_now(input_key(parts_key, number))
    store.delete_now(_model_key(parts_key))


def staged_model(store: ObjectStore, parts_key: str, settings: Settings) -> FittedPipeline:
    """The pipeline that all shards of an attempt score with; raises `ObjectMissingError`."""
    with store.local_path(_model_key(parts_key)) as path:
        former = [_signing_key(secret) for secret in settings.former_secrets]
        return load_pipeline(path.read_bytes(), _signing_key(settings.secret), former)


def staged_batches(path: Path) -> Iterator[pl.DataFrame]:
    """The batches of a staged shard, as they were read of the sources, one in memory at a time."""
    with path.open("rb") as file:
        while length := file.read(_LENGTH_BYTES):
            yield pl.read_ipc_stream(file.read(int.from_bytes(length)))


def _append(batch: pl.DataFrame, file: BinaryIO) -> None:
    # A stream of Arrow takes a third of the time of Parquet, and needs no second pass that joins batches.
    stream = io.BytesIO()
    batch.write_ipc_stream(stream, compression="lz4")
    file.write(stream.tell().to_bytes(_LENGTH_BYTES))
    file.write(stream.getbuffer())


class Staging:
    """Puts the rows of each shard into an object of their own while they are read for the fit.

    So sources are read once, a shard reads its own rows only, whatever the format of the sources, and these
    may be deleted meanwhile. Rows are written by a thread while the next ones are read: until there are
    shards, one worker has the job, and other processors are idle. The disk holds one shard at a time, memory
    two batches. What was put is removed where the work ends before there is a plan.
    """

    def __init__(self, store: ObjectStore, parts_key: str, folder: Path, settings: Settings) -> None:
        self._store = store
        self._parts_key = parts_key
        self._folder = folder / "staged"
        self._settings = settings
        self._batches: list[int] = []
        self._rows = 0
        self._plan: list[PlannedShard] = []
        self._needed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="staging")
        self._written: Future[None] | None = None

    def add(self, batch: pl.DataFrame) -> None:
        """Take the next rows; raises what kept those before from being written."""
        self.wait()
        self._written = self._thread.submit(self._write, batch)

    def wait(self) -> None:
        """Wait until all rows so far are put aside; raises what keeps them from it."""
        if self._written is not None:
            self._written.result()

    def _write(self, batch: pl.DataFrame) -> None:
        with self._shard.open("ab") as file:
            _append(batch, file)
        self._batches.append(batch.height)
        if sum(self._batches) >= self._settings.job_shard_rows:
            self._put()

    def finish(self, pipeline: Findings) -> list[PlannedShard]:
        """Put the model too; the shards to score, or none where no envelope holds the model."""
        assert isinstance(pipeline, FittedPipeline)  # series are fitted whole, and so never staged
        try:
            envelope = dump_pipeline(pipeline, _signing_key(self._settings.secret))
        except NotKeepable:
            return []
        self.wait()
        if self._batches:
            self._put()
        path = self._folder / "model"
        path.write_bytes(envelope)
        self._store.put_file(_model_key(self._parts_key), path)
        self._needed = True
        return self._plan

    @property
    def _shard(self) -> Path:
        return self._folder / "shard"

    def _put(self) -> None:
        self._store.put_file(input_key(self._parts_key, len(self._plan)), self._shard)
        self._plan.append(PlannedShard(self._rows, tuple(self._batches)))
        self._rows += sum(self._batches)
        self._shard.unlink()
        self._batches = []

    def __enter__(self) -> Self:
        self._folder.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if not self._needed:
            # One more than is planned: a shard may have been put just before the work ended.
            remove_staged(self._store, self._parts_key, range(len(self._plan) + 1))


def _model_key(parts_key: str) -> str:
    return f"{parts_key}/model.envelope"


def _signing_key(secret: str) -> bytes:
    # A key of its own, so that the model of a job can never pass for anything else that the secret key signs.
    return hmac.new(secret.encode(), b"pynomaly job model", hashlib.sha256).digest()
