"""Each rule of the linter, broken once in an otherwise good contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.lint import lint
from codegen.yaml12 import load_yaml

Document = dict[str, Any]
VIOLATIONS = load_yaml(Path(__file__).parent / "fixtures" / "violations.yaml")


def operation(document: Document, path: str, method: str) -> Any:
    return document["paths"][path][method]


def schema(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


def listing(document: Document) -> Any:
    return operation(document, "/animals", "get")


def spoil(document: Document, violation: dict[str, Any]) -> None:
    *keys, last = (violation.get("set") or violation["drop"]).split("|")
    target: Any = document
    for key in keys:
        target = target[int(key) if isinstance(target, list) else key]
    if "set" in violation:
        target[last] = violation["to"]
    else:
        del target[last]


def test_a_good_contract_has_no_findings(zoo_document: Document):
    assert lint(zoo_document) == []


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation["name"])
def test_a_violation_is_found_and_its_remedy_is_named(zoo_document: Document, violation: dict[str, Any]):
    spoil(zoo_document, violation)
    assert violation["finding"] in [str(found) for found in lint(zoo_document)]


def test_a_path_in_snake_case_is_found(zoo_document: Document):
    zoo_document["paths"]["/zoo_map"] = zoo_document["paths"].pop("/map")
    assert [str(found) for found in lint(zoo_document)] == [
        "/zoo_map: [path-case] is not kebab-case with {snake_case} parameters; rename it."
    ]


def test_an_operation_id_that_is_used_twice_is_found(zoo_document: Document):
    operation(zoo_document, "/map", "get")["operationId"] = "getPhoto"
    assert "getPhoto: [operation-id] (GET /map) is used 2 times; each operation needs its own." in [
        str(found) for found in lint(zoo_document)
    ]


def test_a_document_that_is_no_openapi_is_only_told_that(zoo_document: Document):
    del zoo_document["info"]["title"]
    assert {found.rule for found in lint(zoo_document)} == {"openapi"}


def test_findings_come_in_the_order_of_their_places(zoo_document: Document):
    del listing(zoo_document)["summary"]
    del schema(zoo_document, "Cage")["description"]
    assert [found.where for found in lint(zoo_document)] == ["listAnimals", "schema Cage"]
