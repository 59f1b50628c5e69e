"""Tables as bytes of every media type, for the tests beside this file."""

import io

import numpy as np
import polars as pl

from pynomaly_server.tabular.limits import TableLimits

CSV = "text/csv"
NDJSON = "application/x-ndjson"
JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
NPY = "application/x-npy"

LIMITS = TableLimits(
    max_rows=100_000,
    max_columns=1_000,
    max_cells=1_000_000,
    max_field_bytes=100_000,
    max_expanded_bytes=16 * 2**20,
)


def as_bytes(frame, media_type, **options):
    writers = {
        CSV: frame.write_csv,
        NDJSON: frame.write_ndjson,
        JSON: frame.write_json,
        PARQUET: frame.write_parquet,
        ARROW: frame.write_ipc_stream,
    }
    target = io.BytesIO()
    writers[media_type](target, **options)
    return target.getvalue()


def npy(array, **options):
    target = io.BytesIO()
    np.save(target, array, **options)
    return target.getvalue()


def sample(rows=250):
    rng = np.random.default_rng(4)
    return pl.DataFrame(
        {
            "customer_id": [f"C{row:05}" for row in range(rows)],
            "amount": [None if row % 9 == 0 else round(float(rng.lognormal()), 4) for row in range(rows)],
            "items": rng.integers(-5, 50, rows),
            "channel": rng.choice(["web", "shop, Köln", 'the "phone"', "line\nbreak"], rows),
            "paid": rng.choice([True, False], rows),
        }
    )
