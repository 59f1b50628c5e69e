"""Times that no calendar has are refused before anything is computed from them."""

import io

import polars as pl
import pytest

from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.reading import read_table

PARQUET = "application/vnd.apache.parquet"
FAR = {
    "milliseconds": pl.Series([0, 2**62]).cast(pl.Datetime("ms")),
    "milliseconds at the end": pl.Series([0, 2**63 - 1]).cast(pl.Datetime("ms")),
    "microseconds": pl.Series([0, 2**63 - 1]).cast(pl.Datetime("us")),
    "microseconds with a zone": pl.Series([0, 2**63 - 1]).cast(pl.Datetime("us", "UTC")),
    "microseconds before": pl.Series([0, -(2**63) + 1]).cast(pl.Datetime("us")),
    "days": pl.Series([0, 2**31 - 1], dtype=pl.Int32).cast(pl.Date),
}


def parquet(column: pl.Series) -> bytes:
    data = io.BytesIO()
    pl.DataFrame({"at": column}).write_parquet(data)
    return data.getvalue()


@pytest.mark.parametrize("column", FAR.values(), ids=FAR.keys())
def test_a_far_time_is_refused_with_its_row(column):
    with pytest.raises(BadTable, match="'at' has a date outside the years 1 to 9999 in row 2"):
        read_table(parquet(column), PARQUET, UNLIMITED)


@pytest.mark.parametrize("count", [-719_162, 2_932_896])
def test_the_first_and_the_last_day_are_read(count):
    column = pl.Series([0, count], dtype=pl.Int32).cast(pl.Date)
    assert read_table(parquet(column), PARQUET, UNLIMITED).height == 2
