# ruff: noqa: N803 - X is the field's name for a matrix of rows
"""Models as signed bytes: what goes in comes out, and nothing else is read."""

import gc
import json
import re
import sys
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pynomaly_server.detection.pipeline import dump_pipeline, fit_pipeline, load_pipeline
from pynomaly_server.detectors import envelope, registry
from pynomaly_server.detectors.base import FittedDetector
from pynomaly_server.detectors.envelope.sealing import seal
from pynomaly_server.detectors.errors import UnknownAlgorithm

KEY = b"a secret of thirty-two bytes or more"
OTHER_KEY = b"another secret of the same length..."


@dataclass(frozen=True, slots=True)
class Inner:
    centre: np.ndarray
    name: str


@dataclass(frozen=True)
class Anything(FittedDetector):
    training_scores: np.ndarray
    n_features: int
    value: object
    total: float = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "total", float(self.training_scores.sum()))

    def score_raw(self, X):
        return X.sum(axis=1)


@dataclass
class Stranger:
    path: str


envelope.allow(Inner, Anything)


def anything(value):
    return Anything(np.array([1.0, 2.0]), 2, value)


def again(value):
    return envelope.loads(envelope.dumps(anything(value), KEY), KEY).value


plain = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.binary()
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)
arrays = st.sampled_from(["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


def spelled(value):
    """Types and values, NaN equal to itself and -0.0 apart from 0.0."""
    return (type(value).__name__, [spelled(item) for item in value.items()]) if isinstance(value, dict) else (
        (type(value).__name__, [spelled(item) for item in value])
        if isinstance(value, list | tuple)
        else (type(value).__name__, repr(value))
    )  # fmt: skip


@given(value=values)
def test_plain_values_come_back_in_value_and_type(value):
    assert spelled(again(value)) == spelled(value)


@given(array=arrays, columns_first=st.booleans())
def test_arrays_come_back_in_every_bit_with_their_type_and_layout(array, columns_first):
    array = np.asfortranarray(array) if columns_first else array
    back = again(array)
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert back.flags.f_contiguous == array.flags.f_contiguous
    assert back.flags.writeable


def test_numpy_scalars_stay_numpy_scalars():
    back = again((np.float32(0.1), np.int64(7), np.bool_(True)))
    assert [type(each) for each in back] == [np.float32, np.int64, np.bool_]


def test_nested_dataclasses_come_back_and_derived_fields_are_built_again():
    loaded = envelope.loads(envelope.dumps(anything((Inner(np.arange(3), "a"),)), KEY), KEY)
    assert isinstance(loaded, Anything)
    assert loaded.value[0].centre.tolist() == [0, 1, 2]
    assert loaded.total == 3.0


def test_an_array_in_two_places_is_kept_once():
    array = np.zeros(100_000)
    assert len(envelope.dumps(anything((array, array)), KEY)) < 900_000
    first, second = again((array, array))
    assert first is second


def test_the_same_model_gives_the_same_bytes():
    assert envelope.dumps(anything((1, np.ones(3))), KEY) == envelope.dumps(anything((1, np.ones(3))), KEY)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Stranger("/etc"), "Anything.value is a {module}:Stranger, which no envelope holds."),
        ([1, {"a": print}], "Anything.value[1]['a'] is a builtins:builtin_function_or_method, which"),
        (np.array(["text"]), "Anything.value is an array of <U4, which no envelope holds."),
        (np.array([object()]), "Anything.value is an array of object, which no envelope holds."),
        (np.zeros(2, dtype=[("a", "f8")]), "Anything.value is an array of [('a', '<f8')], which no envelope"),
        (np.zeros(2, dtype=">f8"), "Anything.value is an array of >f8, which no envelope holds."),
        ({1, 2}, "Anything.value is a builtins:set, which no envelope holds."),
    ],
)
def test_what_is_neither_array_nor_plain_is_refused_with_its_place(value, sentence):
    with pytest.raises(envelope.NotKeepable) as refused:
        envelope.dumps(anything(value), KEY)
    assert str(refused.value).startswith(sentence.format(module=__name__))


def test_only_dataclasses_can_be_allowed():
    with pytest.raises(TypeError, match="str is no dataclass"):
        envelope.allow(str)


SMALL = envelope.dumps(anything((1.5, "text", np.arange(4.0))), KEY)


def test_every_flipped_byte_is_refused():
    for at in range(len(SMALL)):
        changed = bytearray(SMALL)
        changed[at] ^= 0xFF
        with pytest.raises((envelope.BadSignature, envelope.CorruptEnvelope)):
            envelope.loads(bytes(changed), KEY)


@given(at=st.integers(28, len(SMALL) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_behind_the_head_is_a_bad_signature(at, bit):
    changed = bytearray(SMALL)
    changed[at] ^= 1 << bit
    with pytest.raises(envelope.BadSignature):
        envelope.loads(bytes(changed), KEY)


def test_another_key_is_refused_with_the_remedy():
    with pytest.raises(envelope.BadSignature) as refused:
        envelope.loads(SMALL, OTHER_KEY)
    assert str(refused.value) == (
        "The signature does not fit: the envelope was changed since it was signed, or signed with another "
        "key. Load it with the key it was made with; if that fails, do not use it and train the model anew."
    )


def test_every_truncation_is_told_apart_from_a_change():
    for length in range(len(SMALL)):
        with pytest.raises(envelope.CorruptEnvelope):
            envelope.loads(SMALL[:length], KEY)


def test_a_truncation_says_how_much_is_missing():
    with pytest.raises(envelope.CorruptEnvelope) as refused:
        envelope.loads(SMALL[:-10], KEY)
    assert str(refused.value) == (
        f"The envelope is cut short: {len(SMALL) - 10} of {len(SMALL)} bytes are there. "
        "Get the file again from where it was made."
    )


def test_bytes_after_the_signature_are_refused():
    with pytest.raises(envelope.BadSignature):
        envelope.loads(SMALL + b"\0", KEY)


def test_another_kind_of_file_is_no_envelope():
    with pytest.raises(envelope.CorruptEnvelope, match="it does not begin with PYNOMALY"):
        envelope.loads(b"\x80\x04" + bytes(200), KEY)


def test_a_short_key_is_refused_on_both_ways():
    for call in (lambda: envelope.dumps(anything(1), b"short"), lambda: envelope.loads(SMALL, b"short")):
        with pytest.raises(ValueError, match="at least 32 bytes, not 5"):
            call()


def test_another_version_is_named_with_the_one_that_is_read():
    with pytest.raises(envelope.UnsupportedVersion) as refused:
        envelope.loads(seal(b"\xff", b"", KEY, version=2), KEY)
    assert str(refused.value) == (
        "The envelope has version 2; this release reads version 1. "
        "Load it with the release that made it, or train the model anew."
    )


def signed(tree, algorithm=None):
    header = {"algorithm": algorithm, "parameters": {}, "libraries": {}, "features": [], "score_map": {}}
    return seal(json.dumps(header | {"state": tree}).encode(), b"\x08\0\0\0\0\0\0\0{}      ", KEY)


@pytest.mark.parametrize(
    "name", ["subprocess:Popen", "builtins:eval", "pathlib:Path", "nowhere:Class", "Class",
             f"{__name__}:Stranger", "pynomaly_server.detectors.plugins:BaseAnomalyDetector",
             "pynomaly_server.detectors.none:Class",
             "pynomaly_server.detectors.envelope.state:np"],
)  # fmt: skip
def test_even_a_signed_envelope_calls_no_class_that_is_not_allowed(name):
    with pytest.raises(envelope.UnsupportedVersion, match="which this release does not know"):
        envelope.loads(signed({"class": name, "fields": {}}), KEY)


def test_reading_imports_no_module_that_is_not_the_engines():
    with pytest.raises(envelope.UnsupportedVersion):
        envelope.loads(signed({"class": "this:Zen", "fields": {}}), KEY)
    assert "this" not in sys.modules


def test_a_class_whose_fields_have_changed_is_of_another_release():
    tree = {"class": f"{__name__}:Inner", "fields": {"name": "a", "colour": "red"}}
    with pytest.raises(envelope.UnsupportedVersion, match="the fields centre, colour are in one and not in"):
        envelope.loads(signed(tree), KEY)


def test_a_kind_of_value_that_is_not_known_is_of_another_release():
    with pytest.raises(envelope.UnsupportedVersion, match="a value of the kind 'graph'"):
        envelope.loads(signed({"graph": 1}), KEY)


def test_an_algorithm_that_is_not_installed_is_named():
    with pytest.raises(UnknownAlgorithm, match="There is no algorithm 'far_away'"):
        envelope.loads(signed(None, algorithm="far_away"), KEY)


def test_the_header_tells_algorithm_parameters_and_libraries_without_loading():
    data = envelope.dumps(anything(1), KEY, algorithm="lof", parameters={"n_neighbors": 3})
    header = envelope.read_header(data, KEY)
    assert (header.algorithm, header.parameters) == ("local_outlier_factor", {"n_neighbors": 3})
    assert {"python", "numpy", "pynomaly-server"} <= header.libraries.keys()


FRAME = pl.DataFrame(
    {
        "order_id": [f"o-{at}" for at in range(60)],
        "amount": [float(at % 7) for at in range(58)] + [None, 900.0],
        "country": ["DE"] * 40 + ["FR"] * 18 + [None, "\N{SNOWMAN}"],
        "paid": [True, False, None] * 20,
        "at": [f"2024-05-{1 + at % 28:02}T{at % 24:02}:00:00Z" for at in range(60)],
    }
)
UNSEEN = pl.DataFrame(
    {"order_id": ["x"], "amount": [3.5], "country": ["NEW"], "paid": [None], "at": ["2025-01-01T03:30:00Z"]}
)


def test_a_pipeline_comes_back_with_encoder_score_map_and_explanations():
    pipeline = fit_pipeline(FRAME, algorithm="ecod")
    loaded = load_pipeline(dump_pipeline(pipeline, KEY), KEY)
    for frame in (FRAME, UNSEEN):
        ours, theirs = pipeline.score(frame), loaded.score(frame)
        assert ours.raw.tolist() == theirs.raw.tolist()
        assert ours.scores.tolist() == theirs.scores.tolist()
        assert ours.predictions.tolist() == theirs.predictions.tolist()
        assert pipeline.confidence(ours.raw).tolist() == loaded.confidence(theirs.raw).tolist()
    assert pipeline.explain(FRAME, [59, 0]) == loaded.explain(FRAME, [59, 0])
    assert pipeline.identifiers(FRAME) == loaded.identifiers(FRAME)
    assert (pipeline.columns, pipeline.warnings) == (loaded.columns, loaded.warnings)
    assert loaded.training.scores.tolist() == pipeline.training.scores.tolist()


def test_the_header_of_a_pipeline_tells_its_features_and_its_score_map():
    pipeline = fit_pipeline(FRAME, algorithm="iforest", parameters={"n_estimators": 20})
    header = envelope.read_header(dump_pipeline(pipeline, KEY), KEY)
    assert header.algorithm == "isolation_forest"
    assert header.parameters["n_estimators"] == 20
    assert header.features[0] == {"name": "order_id", "type": "identifier", "used": False}
    assert header.features[1] == {"name": "amount", "type": "numeric", "used": True}
    assert header.score_map == {"threshold": pipeline.threshold, "contamination": pipeline.contamination}


def test_a_bare_detector_is_no_pipeline():
    with pytest.raises(envelope.CorruptEnvelope, match="The envelope holds a Anything, not a pipeline"):
        load_pipeline(SMALL, KEY)


DOCUMENTATION = Path(__file__).parents[3] / "docs" / "envelope.md"
MEASURED = re.findall(
    r"^\| ([a-z_]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENTATION.read_text(), re.MULTILINE
)


def kilobytes(spec, rows):
    """Of the envelope of a detector fitted on that many rows, and of memory once it is loaded."""
    data = envelope.dumps(spec.fit(np.random.default_rng(0).normal(size=(rows, 10))), KEY)
    envelope.loads(data, KEY)
    gc.freeze()  # what is there already is neither counted nor looked through
    tracemalloc.start()
    loaded = envelope.loads(data, KEY)
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert loaded.n_features == 10
    return [len(data) / 1000, taken / 1000]


@pytest.mark.parametrize("documented", MEASURED, ids=lambda row: row[0])
@pytest.mark.parametrize("rows", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_sizes_are_as_documented(rows, documented):
    spec = registry.get(documented[0])
    if not spec.available:
        pytest.skip(f"the extra {spec.extra} is not installed")
    figures = [float(each) for each in (documented[1:3] if rows == 1_000 else documented[3:5])]
    # Sizes vary a little with the versions of the libraries, memory with that of Python too.
    assert kilobytes(spec, rows) == pytest.approx(figures, rel=0.35, abs=3)


def test_the_size_of_every_algorithm_on_rows_is_documented():
    assert [row[0] for row in MEASURED] == [spec.name for spec in registry.of_rows()]
