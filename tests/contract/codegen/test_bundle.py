"""Many files become one document, or a message that says where they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.bundle import BundleError, bundle
from codegen.grammar import lookup, walk

ROOT = """\
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a: {$ref: 'paths.yaml#/a'}
"""
PATHS = """\
a:
  get:
    operationId: a
    responses:
      '200':
        description: x
        content:
          application/json:
            schema: {$ref: 'schemas.yaml#/A'}
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in {"root": ROOT, "paths": PATHS, "schemas": "A: {type: string}\n", **files}.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "root.yaml"


def test_a_referenced_schema_is_hoisted_under_its_own_name(tmp_path: Path):
    document = bundle(written(tmp_path))
    assert document["components"] == {"schemas": {"A": {"type": "string"}}}


def test_a_path_item_is_written_in_place(tmp_path: Path):
    document = bundle(written(tmp_path))
    assert document["paths"]["/a"]["get"]["operationId"] == "a"


def test_every_reference_of_a_bundle_leads_somewhere_in_it(bundled_zoo: dict[str, Any]):
    references = [
        value["$ref"]
        for _, _, value in walk("document", bundled_zoo)
        if isinstance(value, dict) and "$ref" in value
    ]
    assert references
    for reference in references:
        assert lookup(bundled_zoo, reference) is not None


def test_components_are_sorted_by_name_in_each_section(bundled_zoo: dict[str, Any]):
    for section in ("schemas", "parameters", "responses", "examples"):
        names = list(bundled_zoo["components"][section])
        assert names == sorted(names)


def test_a_discriminator_maps_to_the_bundled_schemas(bundled_zoo: dict[str, Any]):
    mapping = bundled_zoo["components"]["schemas"]["Animal"]["discriminator"]["mapping"]
    assert mapping == {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}


def test_words_beside_a_reference_stay(tmp_path: Path):
    document = bundle(written(tmp_path, schemas="A: {$ref: '#/B', description: mine}\nB: {type: string}\n"))
    assert document["components"]["schemas"]["A"] == {"$ref": "#/components/schemas/B", "description": "mine"}


def test_a_schema_that_contains_itself_is_bundled(tmp_path: Path):
    document = bundle(written(tmp_path, schemas="A: {type: object, properties: {a: {$ref: '#/A'}}}\n"))
    assert document["components"]["schemas"]["A"]["properties"]["a"] == {"$ref": "#/components/schemas/A"}


def test_a_property_called_ref_or_default_is_no_reference(tmp_path: Path):
    document = bundle(written(tmp_path, schemas="A: {type: object, examples: [{$ref: nowhere}]}\n"))
    assert document["components"]["schemas"]["A"]["examples"] == [{"$ref": "nowhere"}]


def test_a_dangling_reference_names_the_file_and_the_pointer(tmp_path: Path):
    with pytest.raises(BundleError) as failure:
        bundle(written(tmp_path, schemas="B: {type: string}\n"))
    assert str(failure.value) == (
        "paths.yaml#/a/get/responses/200/content/application~1json/schema: refers to #/A in schemas.yaml, "
        "where there is no such thing; mend the `$ref`."
    )


def test_a_reference_into_a_missing_file_names_the_file_and_the_pointer(tmp_path: Path):
    with pytest.raises(BundleError) as failure:
        bundle(written(tmp_path, root=ROOT.replace("paths.yaml", "gone.yaml")))
    assert (
        str(failure.value)
        == "root.yaml#/paths/~1a: refers to gone.yaml, which does not exist; mend the `$ref`."
    )


def test_a_reference_into_the_internet_is_refused(tmp_path: Path):
    with pytest.raises(BundleError, match=r"copy it into the contract's folder, nothing is fetched"):
        bundle(written(tmp_path, schemas="A: {$ref: 'https://example.org/a.yaml#/A'}\n"))


def test_a_reference_to_a_whole_file_is_refused(tmp_path: Path):
    with pytest.raises(BundleError, match=r"must be `file\.yaml#/Name` or `#/Name`, but is 'b\.yaml'"):
        bundle(written(tmp_path, schemas="A: {$ref: b.yaml}\n"))


def test_two_components_of_one_name_are_refused(tmp_path: Path):
    with pytest.raises(BundleError) as failure:
        bundle(
            written(tmp_path, schemas="A: {anyOf: [{$ref: 'more.yaml#/A'}]}\n", more="A: {type: string}\n")
        )
    assert str(failure.value) == (
        "more.yaml#/A: is called A like schemas.yaml#/A; two components cannot share a name, rename one."
    )


def test_a_reference_that_only_leads_to_itself_is_refused(tmp_path: Path):
    with pytest.raises(BundleError, match=r"leads in a circle"):
        bundle(written(tmp_path, schemas="A: {$ref: '#/B'}\nB: {$ref: '#/A'}\n"))
