# ruff: noqa: E501 - one case a line
import pickle

import numpy as np
import pytest

from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.reading import read_table

from .tables import LIMITS, NPY, npy  # noqa: TID252 - the file beside this one

MATRIX = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    "array",
    [
        MATRIX,
        np.asfortranarray(MATRIX),
        MATRIX.astype("<f4"),
        MATRIX.astype(">f8"),
        MATRIX.astype("u1"),
        MATRIX.astype(">i2"),
    ],
)
def test_numbers_of_any_width_and_order_are_read(array):
    assert read_table(npy(array), NPY, LIMITS).rows() == [(0, 1), (2, 3), (4, 5)]


def test_one_dimension_is_one_column():
    assert read_table(npy(np.array([True, False])), NPY, LIMITS).to_dict(as_series=False) == {
        "x0": [True, False]
    }


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_read(version, tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, MATRIX, version=version)
    assert read_table(tmp_path / "a.npy", NPY, LIMITS).height == 3


def test_nan_is_missing():
    assert read_table(npy(np.array([1.0, np.nan])), NPY, LIMITS)["x0"].to_list() == [1.0, None]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (npy(np.array([{}, 1], dtype=object), allow_pickle=True), "pickles are never loaded"),
        (npy(np.array(["a"])), "The NPY file holds pickled objects, text, records or numbers of an unusual size"),
        (npy(np.array([1j])), "The NPY file holds pickled objects, text, records or numbers of an unusual size"),
        (npy(np.array([(1, 2)], dtype=[("a", "i4"), ("b", "i4")])), "The NPY file holds pickled objects, text, records"),
        (npy(np.zeros((2, 2, 2))), "The NPY array has 3 dimensions"),
        (npy(np.float64(1)), "The NPY array has 0 dimensions"),
        (npy(np.zeros((0, 2))), "The table has no rows of data"),
        (npy(np.zeros((2, 0))), "The NPY array has no columns"),
        (npy(MATRIX)[:-3], "The NPY file has another size than its header says"),
        (npy(MATRIX) + b"x", "The NPY file has another size than its header says"),
        (npy(np.array([1.0, np.inf])), "Column 'x0' is infinite in row 2"),
        (b"\x93NUMPY\x01\x00\x05\x00hello", "The data is no NPY file"),
        (b"\x93NUMPY", "The data is no NPY file"),
        (b"\x93NUMPY\x09\x00" + bytes(30), "The data is no NPY file"),
        (pickle.dumps([1, 2], protocol=0), "The data is no NPY file"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_refused(data, fault):
    with pytest.raises(BadTable, match=fault):
        read_table(data, NPY, LIMITS)


def test_a_header_that_promises_more_than_the_file_holds_allocates_nothing():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 2), }".ljust(117) + b"\n"
    with pytest.raises(TableTooLarge, match="1,000,000,000,000 rows"):
        read_table(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header, NPY, LIMITS)
