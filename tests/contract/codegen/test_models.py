"""What the client reads and sends with the generated models."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

RESIDENT: dict[str, Any] = {
    "animal": {"kind": "cat", "name": "Tom", "lives": 9},
    "home": {"litres": 3},
    "mood": "sleepy",
    "keeper": {"name": "Ann", "trainees": [{"name": "Bob"}]},
    "since": "2026-05-01T12:00:00Z",
    "weight": 4,
}


def test_a_request_with_an_unknown_field_is_refused(zoo: SimpleNamespace):
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        zoo.models.Search(class_="x", pattern="a", unknown=1)


def test_a_request_past_a_bound_is_refused(zoo: SimpleNamespace):
    with pytest.raises(ValidationError, match=r"less than or equal to 0\.5"):
        zoo.models.Search(class_="x", pattern="a", threshold=0.7)


def test_a_request_is_written_with_the_names_of_the_contract(zoo: SimpleNamespace):
    search = zoo.models.Search(class_="x", pattern="a", x_rate=0.5, json_="j", camel_case=1)
    assert search.model_dump(by_alias=True, exclude_unset=True) == {
        "class": "x",
        "pattern": "a",
        "x-rate": 0.5,
        "json": "j",
        "camelCase": 1,
    }


def test_array_defaults_are_not_shared(zoo: SimpleNamespace):
    zoo.models.Search(class_="x", pattern="a").weights.append(2.0)
    assert zoo.models.Search(class_="x", pattern="a").weights == [0.5, 1]


def test_an_unknown_field_of_a_response_is_kept(zoo: SimpleNamespace):
    resident = zoo.models.Resident.model_validate({**RESIDENT, "star_sign": "leo"})
    assert resident.star_sign == "leo"


def test_an_unknown_enum_value_and_a_value_past_its_bound_are_read(zoo: SimpleNamespace):
    resident = zoo.models.Resident.model_validate({**RESIDENT, "mood": "furious", "weight": 5000})
    assert (resident.mood, resident.weight) == ("furious", 5000)


def test_a_constant_of_a_response_may_change(zoo: SimpleNamespace):
    assert zoo.models.SearchResult.model_validate({"class": "x", "total": 1, "kind": "more"}).kind == "more"


def test_a_schema_of_request_and_response_is_read_openly(zoo: SimpleNamespace):
    cat = zoo.models.Cat.model_validate({"kind": "cat", "name": "Tom", "lives": 10, "colour": "grey"})
    assert (cat.lives, cat.colour) == (10, "grey")


def test_a_variant_is_told_by_its_tag(zoo: SimpleNamespace):
    resident = zoo.models.Resident.model_validate({**RESIDENT, "animal": {"kind": "dog", "name": "Rex"}})
    assert type(resident.animal) is zoo.models.Dog


@pytest.mark.parametrize("extra", [{}, {"lives": 9}, {"lives": 9, "wings": 2, "friends": [], "more": 1}])
def test_a_variant_of_the_future_is_kept_as_unknown(zoo: SimpleNamespace, extra: dict[str, Any]):
    bird = {"kind": "bird", "name": "Tweety", **extra}
    resident = zoo.models.Resident.model_validate({**RESIDENT, "animal": bird})
    assert type(resident.animal) is zoo.models.UnknownAnimal
    assert resident.animal.model_dump() == bird


@pytest.mark.parametrize("extra", [{}, {"colour": "grey", "age": 3, "wings": 0}])
def test_a_known_variant_with_fields_of_the_future_is_still_itself(
    zoo: SimpleNamespace, extra: dict[str, Any]
):
    cat = {"kind": "cat", "name": "Tom", "lives": 9, **extra}
    assert type(TypeAdapter(zoo.models.Animal).validate_python(cat)) is zoo.models.Cat


def test_a_union_without_discriminator_is_told_by_its_shape(zoo: SimpleNamespace):
    resident = zoo.models.Resident.model_validate(RESIDENT)
    assert type(resident.home) is zoo.models.Aquarium


def test_a_model_may_contain_itself(zoo: SimpleNamespace):
    resident = zoo.models.Resident.model_validate(RESIDENT)
    assert resident.keeper.trainees[0].name == "Bob"


@pytest.mark.parametrize("cell", ["5", 5, 0.5, True, None, 12345678901234567])
def test_a_cell_keeps_its_type(zoo: SimpleNamespace, cell: object):
    resident = zoo.models.Resident.model_validate({**RESIDENT, "measurements": {"a": [cell]}})
    assert (resident.measurements["a"][0], type(resident.measurements["a"][0])) == (cell, type(cell))
