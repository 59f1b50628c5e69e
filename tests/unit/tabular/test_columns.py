# ruff: noqa: E501 - whole sentences
import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.tabular.columns import ColumnEncoder, ColumnReport, TableWarning
from pynomaly_server.tabular.errors import BadOption, BadTable

NUMBERS = list(range(30))


def fit(data, **options):
    return ColumnEncoder.fit(pl.DataFrame(data), **options)


def types(encoder):
    return {report.name: report.type for report in encoder.columns}


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("amount", [1.5, 2.0, None], "numeric"),
        ("items", [3, 1, 3], "numeric"),
        ("ok", [True, None, False], "boolean"),
        ("day", [dt.date(2024, 1, 1), None, dt.date(2024, 1, 3)], "datetime"),
        ("at", ["2024-01-01", None, "2024-01-02T10:00:00Z"], "datetime"),
        ("colour", ["red", "blue", "red"], "categorical"),
        ("id", [4, 8, 15], "identifier"),
        ("customer_id", ["a", "b", "c"], "identifier"),
        ("customerId", [4, 8, 15], "identifier"),
        ("UUID", ["a", "b", "c"], "identifier"),
        ("order-key", [4, 8, 15], "identifier"),
        ("shop_id", [1, 1, 2], "numeric"),
        ("score_id", [0.5, 1.5, 2.5], "numeric"),
        ("paid", [4, 8, 15], "numeric"),
        ("note", [f"text {n}" for n in NUMBERS], "identifier"),
        ("note", [f"text {n % 20}" for n in NUMBERS], "categorical"),
        ("note", [f"text {n}" for n in range(19)], "categorical"),
        ("note", [f"the pump number {n} was loud" for n in NUMBERS], "text"),
        ("note", [f"the pump number {n % 12} was loud" for n in range(20)], "text"),
        ("note", [f"the pump number {n % 10} was loud" for n in range(20)], "categorical"),
        ("note", [f"the pump number {n} was loud" for n in range(19)], "categorical"),
        ("note", [f"pump {n}" if n % 3 else f"the pump number {n}" for n in NUMBERS], "identifier"),
        ("place", [f"{n} 10 200 300" for n in NUMBERS], "identifier"),
        ("note_id", [f"the pump number {n} was loud" for n in NUMBERS], "identifier"),
        ("x0", [f"the pump number {n} was loud" for n in NUMBERS], "text"),
        ("serial", NUMBERS, "numeric"),
        ("x0", [f"text {n}" for n in NUMBERS], "categorical"),
    ],
)
def test_a_column_is_typed_by_its_values_and_its_name(name, values, kind):
    assert types(fit({name: values, "other": [float(n) for n in range(len(values))]}))[name] == kind


def test_identifiers_stay_out_of_the_model_and_in_the_result():
    frame = pl.DataFrame({"id": [7, 8, 9], "a": [1.0, 2.0, 3.0]})
    encoder = ColumnEncoder.fit(frame)
    assert encoder.feature_names == ["a"]
    assert encoder.identifiers(frame) == {"id": [7, 8, 9]}
    assert encoder.columns[0] == ColumnReport(
        "id", "identifier", 0, used=False, note="tells rows apart; kept out of the model"
    )


def test_identifiers_that_are_times_are_told_as_text():
    encoder = fit({"at": ["2024-01-01", "2024-01-02"], "a": [1.0, 2.0]}, column_types={"at": "identifier"})
    frame = pl.DataFrame({"at": [dt.datetime(2024, 1, 1, 5)], "a": [1.0]})  # noqa: DTZ001
    assert encoder.identifiers(frame) == {"at": ["2024-01-01T05:00:00Z"]}


PROSE = [f"the pump number {n} was loud" for n in range(40)]


def test_free_text_is_left_out_with_a_warning_that_says_what_can_be_done():
    encoder = fit({"note": PROSE, "a": [float(n) for n in range(40)]})
    assert encoder.feature_names == ["a"]
    assert encoder.columns[0] == ColumnReport(
        "note", "text", 0, used=False, note="free text; kept out of the model"
    )
    assert encoder.warnings == [
        TableWarning(
            "text-column",
            "Column 'note' is free text, which no model here reads, and is left out. Say another type in "
            "`column_types`, such as categorical for how rare each text is, or send features of it.",
            "note",
        )
    ]


@pytest.mark.parametrize("options", [{"features": ["note"]}, {"column_types": {"note": "categorical"}}])
def test_free_text_that_is_asked_for_is_used_as_categories(options):
    encoder = fit({"note": PROSE}, **options)
    assert encoder.feature_names == ["note"]
    assert types(encoder)["note"] == "categorical"


def test_a_column_said_to_be_text_is_left_out_whatever_it_holds():
    encoder = fit({"a": [1.0, 2.0, 4.0], "b": [3.0, 4.0, 7.0]}, column_types={"b": "text"})
    assert encoder.feature_names == ["a"]
    assert [warning.code for warning in encoder.warnings] == ["text-column"]


def test_a_column_asked_for_by_name_is_not_taken_for_an_identifier():
    encoder = fit({"id": [7, 8, 9], "a": [1.0, 2.0, 3.0]}, features=["id"])
    assert encoder.feature_names == ["id"]
    assert types(encoder)["id"] == "numeric"


def test_columns_not_asked_for_are_reported_as_left_out():
    encoder = fit({"a": [1.0, 2.0], "b": [3.0, None]}, features=["a"])
    assert encoder.columns[1] == ColumnReport(
        "b", "numeric", 1, used=False, note="not among the features asked for"
    )
    assert encoder.warnings == []


def test_features_stand_in_the_order_of_the_table():
    assert fit({"a": [1.0], "b": [2.0], "c": [3.0]}, features=["c", "a"]).feature_names == ["a", "c"]


@pytest.mark.parametrize(
    ("options", "pointer", "sentence"),
    [
        ({"features": ["a", "z"]}, "/features/1", "There is no column 'z'. The columns are 'a', 'word'."),
        (
            {"features": []},
            "/features",
            "`features` is empty. Name at least one column, or leave it out to use all.",
        ),
        ({"features": ["a", "a"]}, "/features/1", "Column 'a' is named twice. Name it once."),
        (
            {"column_types": {"z": "numeric"}},
            "/column_types/z",
            "There is no column 'z'. The columns are 'a', 'word'.",
        ),
        (
            {"column_types": {"a": "money"}},
            "/column_types/a",
            "Column 'a' cannot be 'money': a column is numeric, categorical, boolean, datetime, identifier, text.",
        ),
        (
            {"column_types": {"word": "numeric"}},
            "/column_types/word",
            "Column 'word' cannot be read as numeric: not every value is a number, the first that is not is 'x' in row 1 (counting from 1). Correct the values, or say another type.",
        ),
        (
            {"features": ["a"], "column_types": {"a": "identifier"}},
            "/features",
            "Column 'a' is said to be an identifier, which no model uses, and is named in `features`. Take it out of one of them.",
        ),
        (
            {"features": ["a"], "column_types": {"a": "text"}},
            "/features",
            "Column 'a' is said to be text, which no model uses, and is named in `features`. Take it out of one of them.",
        ),
    ],
)
def test_an_option_that_does_not_fit_the_table_is_refused_with_its_pointer(options, pointer, sentence):
    with pytest.raises(BadOption) as refused:
        fit({"a": [1.0, 2.0], "word": ["x", "y"]}, **options)
    assert (refused.value.pointer, str(refused.value), refused.value.code) == (
        pointer,
        sentence,
        "validation",
    )


@pytest.mark.parametrize(
    ("values", "kind", "codes"),
    [
        (["1", " 2.5", None], "numeric", [1.0, 2.5, 1.75]),
        ([0, 1, None], "boolean", [0.0, 1.0, 0.0]),
        (["true", "False", "TRUE"], "boolean", [1.0, 0.0, 1.0]),
        (["2024-01-01", "1970-01-02", None], "datetime", [1704067200.0, 86400.0, 852076800.0]),
    ],
)
def test_a_type_that_is_said_is_not_guessed(values, kind, codes):
    encoder = fit({"a": values}, column_types={"a": kind})
    assert encoder.transform(pl.DataFrame({"a": values}))[:, 0].tolist() == codes


def test_numbers_may_be_read_as_categories():
    encoder = fit({"zip": [10, 10, 20]}, column_types={"zip": "categorical"})
    codes = encoder.transform(pl.DataFrame({"zip": [10, 20, 99]}))[:, 0]
    np.testing.assert_allclose(codes, -np.log(np.array([3, 2, 1]) / 6))


def test_a_category_is_its_rarity_and_an_unseen_one_is_the_rarest():
    encoder = fit({"c": ["a", "a", "b", None]})
    codes = encoder.transform(pl.DataFrame({"c": ["a", "b", None, "new"]}))[:, 0]
    np.testing.assert_allclose(codes, -np.log(np.array([3, 2, 2, 1]) / 8))
    assert encoder.columns[0].note == "missing values are a category of their own"
    assert encoder.warnings == []


def test_a_missing_category_that_training_never_saw_is_unseen():
    encoder = fit({"c": ["a", "a", "b"]})
    codes = encoder.transform(pl.DataFrame({"c": pl.Series([None, "new"], dtype=pl.String)}))
    assert codes[0, 0] == codes[1, 0]


def test_missing_numbers_are_the_training_median_and_are_reported():
    encoder = fit({"a": [1.0, None, 3.0, 11.0]})
    assert encoder.transform(pl.DataFrame({"a": [None, 5.0]})).tolist() == [[3.0], [5.0]]
    assert encoder.warnings == [
        TableWarning("missing-values", "Column 'a' has 1 missing value, taken as the median, 3.", "a")
    ]


def test_the_hour_of_a_time_is_a_point_on_a_circle():
    frame = pl.DataFrame({"at": [dt.datetime(2024, 1, 1, hour) for hour in (0, 6, 12, 18)]})  # noqa: DTZ001
    encoder = ColumnEncoder.fit(frame)
    codes = encoder.transform(frame)
    assert encoder.groups == [[0, 1, 2]]
    np.testing.assert_allclose(codes[:, 1:], [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-12)


def test_dates_have_no_hour():
    assert fit({"day": ["2024-01-01", "2024-01-02"], "a": [1.0, 2.0]}).groups == [[0], [1]]


def test_a_column_without_values_is_left_out_with_a_warning():
    encoder = fit({"a": [1.0, 2.0], "void": pl.Series([None, None], dtype=pl.Float64)})
    assert encoder.feature_names == ["a"]
    assert encoder.columns[1] == ColumnReport("void", "numeric", 2, used=False, note="has no values")
    assert encoder.warnings == [
        TableWarning("empty-column", "Column 'void' has no values and is left out.", "void")
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"a": pl.Series([None, None], dtype=pl.Float64)},
            "No column is left for a model to learn from: none has a value. Send at least one column with values.",
        ),
        (
            {"id": [1, 2, 3]},
            "No column is left for a model to learn from: 'id' looks like an identifier. Add columns, or say its type in `column_types`.",
        ),
    ],
)
def test_a_table_that_leaves_nothing_to_learn_from_is_refused(data, sentence):
    with pytest.raises(BadTable) as refused:
        fit(data)
    assert str(refused.value) == sentence


def test_a_row_without_a_column_of_the_model_is_refused_and_extra_columns_are_ignored():
    encoder = fit({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    assert encoder.transform(pl.DataFrame({"b": [2.0], "a": [1.0], "more": ["x"]})).tolist() == [[1.0, 2.0]]
    with pytest.raises(BadTable) as refused:
        encoder.transform(pl.DataFrame({"a": [1.0]}))
    assert str(refused.value) == (
        "The table lacks column 'b', which the model was trained with. Add what is missing; null stands for an unknown value."
    )


@pytest.mark.parametrize(
    ("trained", "given", "found"),
    [
        (
            [1.0, 2.0],
            ["1", "many"],
            "'many' in row 12 (counting from 1), where the model was trained on a number",
        ),
        (
            ["2024-01-01", "2024-01-02"],
            ["2024-01-01", "later"],
            "'later' in row 12 (counting from 1), where the model was trained on a date or time",
        ),
        (
            [True, False],
            [1, 7],
            "'7' in row 12 (counting from 1), where the model was trained on true or false",
        ),
        (
            [1.0, 2.0],
            [None, True],
            "'True' in row 12 (counting from 1), where the model was trained on a number",
        ),
    ],
)
def test_a_value_of_another_type_than_in_training_is_refused_by_place(trained, given, found):
    encoder = fit({"a": trained})
    with pytest.raises(BadTable) as refused:
        encoder.transform(pl.DataFrame({"a": given}), first_row=10)
    assert found in str(refused.value)


def test_values_and_what_is_expected_are_told_in_the_callers_terms():
    frame = pl.DataFrame(
        {
            "n": [1, 2, 9],
            "c": ["red", "red", None],
            "ok": [True, True, False],
            "at": ["2024-01-01T10:00:00Z", "2024-01-01T12:00:00+01:00", "2024-01-03T00:00:00Z"],
            "day": ["2024-01-01", "2024-01-03", "2024-01-02"],
        }
    )
    encoder = ColumnEncoder.fit(frame)
    assert [encoder.describe(frame, 2, name) for name in encoder.feature_names] == [
        9.0, None, False, "2024-01-03T00:00:00Z", "2024-01-02",
    ]  # fmt: skip
    assert [encoder.expected(name) for name in encoder.feature_names] == [
        2.0, "red", True, "2024-01-01T11:00:00Z", "2024-01-02",
    ]  # fmt: skip


def test_a_column_may_be_called_count_or_times():
    encoder = fit({"count": ["a", "b", "a"], "times": ["x", "x", "y"], "category": ["p", "q", "q"]})
    assert encoder.feature_names == ["count", "times", "category"]


@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.floats(-1e9, 1e9),
            st.none() | st.sampled_from(["a", "b", "never seen"]),
            st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=60)
def test_a_row_is_encoded_the_same_alone_and_in_a_batch(rows):
    schema = {"n": pl.Float64, "c": pl.String, "at": pl.Datetime("us")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    batch = ENCODER.transform(frame)
    alone = np.vstack([ENCODER.transform(frame.slice(row, 1)) for row in range(frame.height)])
    assert batch.tolist() == alone.tolist()
    assert np.isfinite(batch).all()


ENCODER = fit(
    {
        "n": [1.0, None, 4.0],
        "c": ["a", "b", None],
        "at": [dt.datetime(2024, 1, 1, 7), dt.datetime(2024, 1, 2, 9), None],  # noqa: DTZ001
    }
)


def test_fractions_of_zero_and_one_may_be_said_to_be_boolean():
    fitted = ColumnEncoder.fit(
        pl.DataFrame({"flag": [0.0, 1.0, None, 1.0]}), column_types={"flag": "boolean"}
    )
    assert [column.type for column in fitted.columns] == ["boolean"]
