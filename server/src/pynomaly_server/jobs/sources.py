"""The rows of a job's data sources, one after the other, in batches of one schema."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.reading import iter_batches
from pynomaly_server.telemetry.figures import SEVERAL


def kind_of_data(kept: Sequence[Mapping[str, Any]]) -> str:
    """Where the data of a job come from: `dataset`, the scheme of their URLs, or `several`.

    Args:
        kept: its sources as the job keeps them.
    """
    kinds = {urlsplit(str(source["url"])).scheme if "url" in source else "dataset" for source in kept}
    return kinds.pop() if len(kinds) == 1 else SEVERAL


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset in a local file."""

    dataset_id: str
    path: Path
    media_type: str
    n_rows: int


class Sources:
    """Reads several tables as if they were one.

    Raises:
        ProblemError: `bad-dataset`, where their columns differ; the message names the dataset and the
        columns.
    """

    def __init__(self, sources: Sequence[Source], limits: TableLimits, rows_per_batch: int) -> None:
        self._sources = sources
        self._limits = limits
        self._rows_per_batch = rows_per_batch
        self._only_batch: pl.DataFrame | None = None
        self._schema = self._common_schema()

    @property
    def n_rows(self) -> int:
        """Rows of all sources together, as counted at upload."""
        return sum(source.n_rows for source in self._sources)

    def batches(self) -> Iterator[pl.DataFrame]:
        """All rows in order."""
        if self._only_batch is not None:
            yield self._only_batch
            return
        for source in self._sources:
            for batch in iter_batches(source.path, source.media_type, self._rows_per_batch, self._limits):
                yield batch.select(self._schema.names()).cast(self._schema)

    def whole(self, look_up: Callable[[pl.DataFrame], None]) -> pl.DataFrame:
        """All rows in one frame; `look_up` is called with each batch."""
        kept = []
        for batch in self.batches():
            kept.append(batch)
            look_up(batch)
        return pl.concat(kept, rechunk=True)

    def sample(self, size: int, seed: int, look_up: Callable[[pl.DataFrame], None]) -> pl.DataFrame:
        """`size` rows in their order, each set of rows as likely as any other, in the memory of one batch.

        How many of them come from a batch follows the hypergeometric distribution, given what is still to
        come.
        """
        draw = np.random.default_rng(seed)
        left, wanted = self.n_rows, size
        kept = []
        for batch in self.batches():
            rest = max(left - batch.height, 0)
            here = int(draw.hypergeometric(batch.height, rest, min(wanted, batch.height + rest)))
            rows = np.sort(draw.choice(batch.height, here, replace=False))
            kept.append(batch[rows])
            left, wanted = rest, wanted - here
            look_up(batch)
        return pl.concat(kept, rechunk=True)

    def _common_schema(self) -> pl.Schema:
        """Names in the order of the first source, and for each a type that holds the values of all."""
        schemas = [self._schema_of(source) for source in self._sources]
        first = schemas[0]
        for source, schema in zip(self._sources[1:], schemas[1:], strict=True):
            self._check_names(source, schema, first)
        types = dict(first)
        for position, schema in enumerate(schemas[1:], start=1):
            types = {
                name: self._common_type(position, name, kind, schema[name]) for name, kind in types.items()
            }
        return pl.Schema(types)

    def _schema_of(self, source: Source) -> pl.Schema:
        first = next(iter_batches(source.path, source.media_type, self._rows_per_batch, self._limits))
        if len(self._sources) == 1 and first.height == source.n_rows:
            self._only_batch = first
        return first.schema

    def _check_names(self, source: Source, schema: pl.Schema, first: pl.Schema) -> None:
        missing = [name for name in first if name not in schema]
        extra = [name for name in schema if name not in first]
        if not missing and not extra:
            return
        faults = [f"lacks {_listed(missing)}"] if missing else []
        faults += [f"has {_listed(extra)} besides"] if extra else []
        raise ProblemError(
            "bad-dataset",
            f"Dataset {source.dataset_id} {' and '.join(faults)}, "
            f"compared with {self._sources[0].dataset_id}. "
            "All data sources of a job must have the same columns.",
        )

    def _common_type(self, position: int, name: str, one: pl.DataType, other: pl.DataType) -> pl.DataType:
        """The type for the values of a column in the sources up to this one; `one` fits those before it."""
        if _words(one) == _words(other):
            ends = [pl.Series(name, [], dtype=each).to_frame() for each in (one, other)]
            with contextlib.suppress(pl.exceptions.PolarsError):
                return pl.concat(ends, how="vertical_relaxed").schema[name]
        # A column without a single value is read as text, whatever it would hold.
        if other == pl.String and self._is_empty(name, self._sources[position : position + 1]):
            return one
        if one == pl.String and self._is_empty(name, self._sources[:position]):
            return other
        raise ProblemError(
            "bad-dataset",
            f"Column {name[:60]!r} of dataset {self._sources[position].dataset_id} holds {_words(other)}, "
            f"but {_words(one)} before it in {self._sources[0].dataset_id}. "
            "All data sources of a job must have columns of the same types.",
        )

    def _is_empty(self, name: str, sources: Sequence[Source]) -> bool:
        return all(
            batch[name].null_count() == batch.height
            for source in sources
            for batch in iter_batches(source.path, source.media_type, self._rows_per_batch, self._limits)
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:60]) for name in names[:5])
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{rest}"


def _words(kind: pl.DataType) -> str:
    if kind.is_numeric():
        return "numbers"
    if kind == pl.Boolean:
        return "booleans"
    if not kind.is_temporal():
        return "text"
    return "times with a time zone" if isinstance(kind, pl.Datetime) and kind.time_zone else "times"
