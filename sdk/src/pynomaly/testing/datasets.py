"""Datasets of the fake server, and the tables that its jobs read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynomaly._generated.models import RemoteSource
from pynomaly.frames import columns_of
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import Asked
from pynomaly.testing.detection import Columns, n_rows, read_columns
from pynomaly.testing.problems import Refusal
from pynomaly.testing.profiles import profile_of
from pynomaly.testing.replies import Ids, Reply, Work, page


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a job reads.

    Attributes:
        name: Id of the dataset, or the address.
        columns: Its values.
        sha256: SHA-256 of its bytes in hex.
    """

    name: str
    columns: Columns
    sha256: str


@dataclass(frozen=True, slots=True)
class _Stored:
    described: dict[str, Any]
    table: Table


class Datasets:
    """The tables that were uploaded, and those that a test puts behind addresses.

    Args:
        clock: Says when a table was stored.
        ids: Gives out ids.
        reader_of: Which job reads a dataset and has not ended.

    Attributes:
        sources: Tables by their addresses.
    """

    def __init__(self, clock: VirtualClock, ids: Ids, reader_of: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._ids = ids
        self._reader_of = reader_of
        self._stored: dict[str, _Stored] = {}
        self.sources: dict[str, Any] = {}

    @property
    def operations(self) -> Mapping[str, Work]:
        """What it does, by `operationId`."""
        return {
            "uploadDataset": self._upload,
            "listDatasets": self._list,
            "getDataset": lambda asked: Reply(self._asked(asked).described),
            "profileDataset": self._profile,
            "deleteDataset": self._delete,
        }

    def add(self, content: bytes, media_type: str, name: str | None) -> dict[str, Any]:
        """Store a table; returns it as the contract describes it, and raises `Refusal` `bad-dataset`."""
        columns = read_columns(content, media_type)
        dataset_id = self._ids("dts")
        described = {
            "dataset_id": dataset_id,
            "name": name,
            "media_type": media_type,
            "size_bytes": len(content),
            "n_rows": n_rows(columns),
            "n_columns": len(columns),
            "created_at": self._clock.moment(self._clock.monotonic()).isoformat(),
        }
        table = Table(dataset_id, columns, hashlib.sha256(content).hexdigest())
        self._stored[dataset_id] = _Stored(described, table)
        return described

    def tables(self, sources: Sequence[str | RemoteSource]) -> list[Table]:
        """The tables of a job's sources.

        Raises:
            Refusal: `not-found`, or `forbidden-address` where a test has put nothing.
        """
        return [self._table(source) for source in sources]

    def _table(self, source: str | RemoteSource) -> Table:
        name = source if isinstance(source, str) else source.url
        if name.startswith("dts_"):
            return self._found(name).table
        if name not in self.sources:
            raise Refusal(
                "forbidden-address",
                f"The fake server reads nothing from {name!r}; set server.sources[{name!r}] to its rows.",
            )
        columns = columns_of(self.sources[name])
        return Table(name, columns, hashlib.sha256(repr(columns).encode()).hexdigest())

    def _found(self, dataset_id: str) -> _Stored:
        if dataset_id not in self._stored:
            raise Refusal(
                "not-found", f"There is no dataset {dataset_id}. Upload it with uploadDataset first."
            )
        return self._stored[dataset_id]

    def _asked(self, asked: Asked) -> _Stored:
        return self._found(asked.parameters["dataset_id"])

    def _upload(self, asked: Asked) -> Reply:
        described = self.add(asked.content, asked.media_type, asked.parameters.get("name"))
        return Reply(described, {"Location": f"/api/v1/datasets/{described['dataset_id']}"})

    def _list(self, asked: Asked) -> Reply:
        return Reply(page([each.described for each in reversed(self._stored.values())], asked))

    def _profile(self, asked: Asked) -> Reply:
        stored = self._asked(asked)
        return Reply({"dataset_id": stored.table.name, **profile_of(stored.table.columns)})

    def _delete(self, asked: Asked) -> Reply:
        dataset_id = self._asked(asked).table.name
        reader = self._reader_of(dataset_id)
        if reader is not None:
            raise Refusal(
                "conflict",
                f"The job {reader} has not ended and reads the dataset {dataset_id}. Cancel it or wait for "
                "its end, then delete the dataset.",
            )
        del self._stored[dataset_id]
        return Reply()


def joined(tables: Sequence[Table]) -> Columns:
    """The rows of tables one after the other; raises `Refusal` `bad-dataset` where they differ in columns."""
    first, *others = [table.columns for table in tables]
    if any(list(other) != list(first) for other in others):
        raise Refusal("bad-dataset", "The data sources differ in their columns; give tables of one kind.")
    return {name: [value for table in tables for value in table.columns[name]] for name in first}
