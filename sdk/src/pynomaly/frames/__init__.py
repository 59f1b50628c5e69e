"""Turns what callers have (paths, rows, arrays, frames) into the body of a request, in the cheapest media
type that keeps types. NumPy, pandas, polars and pyarrow are recognised, never required."""

from pynomaly.frames.columns import columns_of
from pynomaly.frames.local import LocalRows
from pynomaly.frames.options import DetectionOptions, Oversize
from pynomaly.frames.prepare import Prepared, prepare_detection, prepare_table
from pynomaly.frames.sources import DataSource, data_source
from pynomaly.frames.upload import Upload, prepare_upload, upload_key

__all__ = [
    "DataSource",
    "DetectionOptions",
    "LocalRows",
    "Oversize",
    "Prepared",
    "Upload",
    "columns_of",
    "data_source",
    "prepare_detection",
    "prepare_table",
    "prepare_upload",
    "upload_key",
]
