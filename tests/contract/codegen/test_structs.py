"""What the server decodes and encodes with the generated structs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEARCH = {"class": "x", "pattern": "a.b"}


def decoded(kind: Any, value: Any) -> Any:
    return msgspec.json.decode(json.dumps(value).encode(), type=kind)


def test_reserved_words_and_hyphens_have_python_names_and_keep_their_own_on_the_wire(zoo: SimpleNamespace):
    search = decoded(
        zoo.structs.Search, {**SEARCH, "x-rate": 0.5, "1st": True, "self": "s", "json": "j", "camelCase": 3}
    )
    assert (search.class_, search.x_rate, search.field_1st, search.self, search.json, search.camel_case) == (
        *("x", 0.5, True, "s"),
        *("j", 3),
    )
    assert {"class", "x-rate", "1st", "self", "json", "camelCase"} <= set(msgspec.to_builtins(search))


def test_defaults_are_the_contracts_also_where_they_are_falsy(zoo: SimpleNamespace):
    search = decoded(zoo.structs.Search, SEARCH)
    assert (
        search.flag,
        search.count,
        search.ratio,
        search.text,
        search.tags,
        search.threshold,
        search.mood,
    ) == (
        *(False, 0, 0.0, "", []),
        *("auto", "None"),
    )


def test_array_defaults_are_not_shared(zoo: SimpleNamespace):
    first, second = decoded(zoo.structs.Search, SEARCH), decoded(zoo.structs.Search, SEARCH)
    first.weights.append(2.0)
    assert (second.weights, second.moods) == ([0.5, 1], ["", "on"])


def test_a_field_that_was_left_out_is_none(zoo: SimpleNamespace):
    search = decoded(zoo.structs.Search, SEARCH)
    assert (search.x_rate, search.day, search.anything, search.level) == (None, None, None, None)


@pytest.mark.parametrize("field", ["x-rate", "1st", "level", "day", "anything", "flag", "tags", "mood"])
def test_null_is_refused_where_the_contract_has_no_null(zoo: SimpleNamespace, field: str):
    with pytest.raises(msgspec.ValidationError, match=rf"got `null` - at `\$\.{field}`"):
        decoded(zoo.structs.Search, {**SEARCH, field: None})


def test_null_and_absence_differ_where_the_contract_has_both(zoo: SimpleNamespace):
    assert decoded(zoo.structs.Search, {**SEARCH, "note": None}).note is None
    assert decoded(zoo.structs.Search, SEARCH).note is msgspec.UNSET


def test_a_request_survives_being_stored(zoo: SimpleNamespace):
    search = decoded(zoo.structs.Search, {**SEARCH, "note": None, "count": 3})
    assert decoded(zoo.structs.Search, msgspec.to_builtins(search)) == search


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unknown": 1}, "Object contains unknown field `unknown`"),
        ({"class": "x" * 11}, "Expected `str` of length <= 10"),
        ({"x-rate": 0}, "Expected `float` > 0.0"),
        ({"x-rate": 1}, "Expected `float` < 1.0"),
        ({"x-rate": "0.5"}, "Expected `float`, got `str`"),
        ({"flag": 1}, "Expected `bool`, got `int`"),
        ({"count": True}, "Expected `int`, got `bool`"),
        ({"level": 4}, "Invalid enum value 4"),
        ({"mood": "off"}, "Invalid enum value 'off'"),
        ({"threshold": "manual"}, "Invalid enum value 'manual'"),
        ({"threshold": 0.6}, "Expected `float` <= 0.5"),
        ({"tags": ["a", "b", "c", "d"]}, "Expected `array` of length <= 3"),
        ({"tags": ["aaaaaa"]}, "Expected `str` of length <= 5"),
        ({"anything": {"a": 1, "b": 2, "c": 3, "d": 4}}, "Expected `object` of length <= 3"),
        ({"pattern": "a.b\n"}, "matching regex"),
        ({"day": "2026-13-01"}, "Invalid RFC3339 encoded date"),
        ({"moment": "2026-05-01T12:00:00"}, "timezone component"),
        ({"token": "x"}, "Invalid UUID"),
    ],
)
def test_a_request_past_a_bound_is_refused(zoo: SimpleNamespace, change: dict[str, Any], message: str):
    with pytest.raises(msgspec.ValidationError) as failure:
        decoded(zoo.structs.Search, {**SEARCH, **change})
    assert message in str(failure.value)


@pytest.mark.parametrize("mood", ["", "1st", "a-b", "None", "on", 'quo"te', "class"])
def test_enum_values_that_are_no_python_names_are_accepted(zoo: SimpleNamespace, mood: str):
    assert decoded(zoo.structs.Search, {**SEARCH, "mood": mood}).mood == mood


def test_formats_become_python_types(zoo: SimpleNamespace):
    search = decoded(
        zoo.structs.Search, {**SEARCH, "day": "2026-05-01", "moment": "2026-05-01T12:00:00Z", "home": "x:y"}
    )
    assert (search.day, search.moment, search.home) == (
        date(2026, 5, 1),
        datetime(2026, 5, 1, 12, tzinfo=UTC),
        "x:y",
    )


def test_a_union_with_a_discriminator_is_decoded_into_its_variant(zoo: SimpleNamespace):
    dog = decoded(
        zoo.structs.Animal,
        {"kind": "dog", "name": "Rex", "friends": [{"kind": "cat", "name": "Tom", "lives": 9}]},
    )
    assert dog == zoo.structs.Dog(name="Rex", friends=[zoo.structs.Cat(name="Tom", lives=9)])


def test_a_variant_is_encoded_with_its_tag(zoo: SimpleNamespace):
    assert msgspec.to_builtins(zoo.structs.Cat(name="Tom", lives=9)) == {
        "kind": "cat",
        "name": "Tom",
        "lives": 9,
    }


def test_an_unknown_variant_is_refused_in_a_request(zoo: SimpleNamespace):
    with pytest.raises(msgspec.ValidationError, match="Invalid value 'bird'"):
        decoded(zoo.structs.Animal, {"kind": "bird", "name": "Tweety"})


def test_rows_are_arrays_or_objects(zoo: SimpleNamespace):
    assert decoded(
        zoo.structs.FoodTable,
        [
            [
                "fish",
                2,
                0.5,
                True,
            ][:4],
            {"hay": None},
        ],
    ) == [
        ["fish", 2, 0.5, True],
        {"hay": None},
    ]


@pytest.mark.parametrize(
    "row", [[1] * 5, {str(n): n for n in range(5)}, "row", 1, None, ["long text"], [[1]]]
)
def test_a_row_past_its_bounds_is_refused(zoo: SimpleNamespace, row: Any):
    with pytest.raises(msgspec.ValidationError):
        decoded(zoo.structs.FoodTable, [row])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(-(2**63), 2**63 - 1))
def test_an_integer_in_a_cell_keeps_every_digit(zoo: SimpleNamespace, number: int):
    [[cell]] = decoded(zoo.structs.FoodTable, [[number]])
    assert (cell, type(cell)) == (number, int)


def test_a_response_is_open_and_its_enums_are_strings(zoo: SimpleNamespace):
    resident = {
        "animal": {"kind": "cat", "name": "Tom", "lives": 9},
        "home": {"bars": 1},
        "mood": "furious",
        "keeper": None,
        "since": "2026-05-01T12:00:00Z",
        "weight": 4,
    }
    built = zoo.structs.Resident(
        animal=zoo.structs.Cat(name="Tom", lives=9),
        home=zoo.structs.Cage(bars=1),
        mood="furious",
        keeper=None,
        since=datetime(2026, 5, 1, 12, tzinfo=UTC),
        weight=4,
    )
    assert json.loads(msgspec.json.encode(built)) == {**resident, "remark": None}


def test_a_response_keeps_out_what_was_not_given_and_may_not_be_null(zoo: SimpleNamespace):
    assert msgspec.to_builtins(zoo.structs.Keeper(name="Ann")) == {"name": "Ann"}


def test_query_parameters_are_decoded_from_text(zoo: SimpleNamespace):
    query = msgspec.convert(
        {"limit": "7", "kinds": ["cat"], "class": "c"}, zoo.table.ListAnimalsQuery, strict=False
    )
    assert (query.limit, query.kinds, query.class_, query.cursor) == (7, ["cat"], "c", None)


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "null"}, {"kinds": ["bird"]}, {"kinds": ["cat"] * 3}, {"other": "1"}]
)
def test_query_parameters_past_their_bounds_are_refused(zoo: SimpleNamespace, query: dict[str, Any]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(query, zoo.table.ListAnimalsQuery, strict=False)


def test_header_parameters_have_the_names_of_the_contract(zoo: SimpleNamespace):
    headers = msgspec.convert({"X-Zoo-Ticket": "t"}, zoo.table.ListAnimalsHeaders, strict=False)
    assert (headers.x_zoo_ticket, headers.x_patience) == ("t", 1.0)


def test_an_id_in_a_path_must_fit_to_its_last_character(zoo: SimpleNamespace):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"animal_id": "ani_0001\n"}, zoo.table.GetAnimalPath, strict=False)
