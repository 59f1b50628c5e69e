"""What both sides know of an operation."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any


def test_the_servers_table_has_every_operation_by_its_id(zoo: SimpleNamespace, bundled_zoo: dict[str, Any]):
    ids = [
        operation["operationId"]
        for item in bundled_zoo["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    assert list(zoo.table.OPERATIONS) == ids


def test_the_servers_paths_begin_with_the_base_path(zoo: SimpleNamespace):
    assert zoo.table.OPERATIONS["getAnimal"].path == "/zoo/v1/animals/{animal_id}"


def test_the_sdks_paths_are_below_the_base_path(zoo: SimpleNamespace):
    assert zoo.operations.GET_ANIMAL.path == "/animals/{animal_id}"


def test_parameters_stand_in_a_struct_per_location(zoo: SimpleNamespace):
    operation = zoo.table.OPERATIONS["listAnimals"]
    assert (operation.path_params, operation.query_params, operation.header_params) == (
        None,
        zoo.table.ListAnimalsQuery,
        zoo.table.ListAnimalsHeaders,
    )


def test_parameters_of_the_path_item_belong_to_each_operation(zoo: SimpleNamespace):
    assert zoo.table.OPERATIONS["releaseAnimal"].path_params is zoo.table.ReleaseAnimalPath


def test_a_parameter_says_how_its_text_is_read(zoo: SimpleNamespace):
    types = {
        parameter.name: parameter.schema_type for parameter in zoo.table.OPERATIONS["listAnimals"].parameters
    }
    assert types == {
        "limit": "integer",
        "cursor": "string",
        "kinds": "array",
        "where": "json",
        "order": "json",
        "class": "string",
        "X-Zoo-Ticket": "string",
        "X-Patience": "number",
    }


def test_an_operation_without_security_is_public(zoo: SimpleNamespace):
    assert zoo.table.OPERATIONS["getPhoto"].public
    assert not zoo.table.OPERATIONS["getAnimal"].public


def test_a_cost_may_grow_with_the_rows(zoo: SimpleNamespace):
    operation = zoo.table.OPERATIONS["admitAnimal"]
    assert (operation.cost, operation.cost_per_row) == (2.0, 0.5)


def test_traits_are_those_of_the_contract(zoo: SimpleNamespace):
    admit, feed, listing = (
        zoo.table.OPERATIONS[name] for name in ("admitAnimal", "feedAnimals", "listAnimals")
    )
    assert (admit.scopes, admit.retry, admit.timeout, admit.fallback) == (
        ("animals:write",),
        "never",
        "long",
        "local",
    )
    assert (feed.retry, feed.job, feed.breaker, feed.pagination) == (
        "idempotency-key",
        True,
        "feedings",
        None,
    )
    assert (listing.retry, listing.job, listing.pagination) == ("safe", False, "cursor")


def test_a_body_has_its_media_types_and_the_type_of_its_json(zoo: SimpleNamespace):
    operation = zoo.table.OPERATIONS["admitAnimal"]
    assert (operation.request_media, operation.body, operation.body_required) == (
        ("application/json", "image/png"),
        zoo.structs.Animal,
        True,
    )


def test_answers_have_their_media_types_and_the_type_of_their_json(zoo: SimpleNamespace):
    responses = zoo.table.OPERATIONS["listAnimals"].responses
    assert (responses[200].media, responses[200].body) == (
        ("application/json", "text/csv"),
        zoo.structs.AnimalList,
    )
    assert (responses[422].media, responses[422].body) == (("application/problem+json",), zoo.structs.Problem)


def test_an_answer_without_content_has_no_type(zoo: SimpleNamespace):
    gone = zoo.table.OPERATIONS["releaseAnimal"].responses[204]
    assert (gone.media, gone.body) == ((), None)


def test_the_served_contract_is_the_bundle_with_its_order(zoo: SimpleNamespace, bundled_zoo: dict[str, Any]):
    served = (zoo.folder / "server/src/zoo_server/openapi.json").read_text(encoding="utf-8")
    assert served == json.dumps(bundled_zoo, ensure_ascii=False, separators=(",", ":")) + "\n"
