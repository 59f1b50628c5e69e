"""The same contract gives the same bytes, and what cannot be generated is refused with a remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.files import compare, write
from codegen.operations import ContractError
from codegen.rooms import make_rooms

OPENAPI = Path(__file__).parents[3] / "openapi"


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def run(contract: Path, out: Path, *more: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "codegen", "--contract", str(contract), "--out", str(out), *more],
        env={**os.environ, "PYTHONPATH": str(OPENAPI), "PYTHONHASHSEED": seed},
        cwd=out,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def generated(zoo_contract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    done = run(zoo_contract, folder, seed="1")
    assert done.returncode == 0, done.stderr
    return folder


def test_two_hash_seeds_give_the_same_bytes(generated: Path, zoo_contract: Path, tmp_path: Path):
    assert run(zoo_contract, tmp_path, seed="4242").returncode == 0
    assert content(tmp_path) == content(generated)


def test_deleted_output_comes_back_byte_for_byte(zoo_contract: Path, tmp_path: Path):
    run(zoo_contract, tmp_path)
    before = content(tmp_path)
    for file in tmp_path.rglob("*.py"):
        file.unlink()
    run(zoo_contract, tmp_path)
    assert content(tmp_path) == before


def test_every_python_file_says_that_it_is_generated(generated: Path):
    for file in generated.rglob("*.py"):
        assert (
            file.read_text().splitlines()[0] == "# Generated from openapi/ by `make generate`; do not edit."
        )


def test_an_unchanged_contract_writes_nothing(generated: Path, zoo_contract: Path):
    assert run(zoo_contract, generated).stdout == "Nothing to change.\n"


def test_the_check_passes_on_what_was_just_written(generated: Path, zoo_contract: Path):
    done = run(zoo_contract, generated, "--check")
    assert (done.returncode, done.stdout) == (0, "The generated files are what the contract says.\n")


def test_the_check_names_each_file_that_differs(bundled_zoo: dict[str, Any], tmp_path: Path):
    rooms = make_rooms(bundled_zoo)
    write(rooms, tmp_path)
    contract = tmp_path / "server/src/pynomaly_server/contract"
    (contract / "structs.py").write_text("edited")
    (contract / "operations.py").unlink()
    (contract / "mine.py").write_text("")
    folder = "server/src/pynomaly_server/contract"
    assert compare(rooms, tmp_path) == [
        f"{folder}/operations.py: is missing; run `make generate`.",
        f"{folder}/structs.py: differs from the contract; run `make generate`, do not edit it.",
        f"{folder}/mine.py: does not belong into a generated folder; remove it.",
    ]


def test_a_failed_check_changes_nothing(zoo_contract: Path, tmp_path: Path):
    done = run(zoo_contract, tmp_path, "--check")
    assert (done.returncode, content(tmp_path)) == (1, {})


def test_a_stale_file_is_removed(bundled_zoo: dict[str, Any], tmp_path: Path):
    rooms = make_rooms(bundled_zoo)
    write(rooms, tmp_path)
    stale = tmp_path / "sdk/src/pynomaly/_generated/resources_old.py"
    stale.write_text("")
    assert write(rooms, tmp_path) == ["removed sdk/src/pynomaly/_generated/resources_old.py"]
    assert not stale.exists()


def test_the_linter_has_a_command_of_its_own(zoo_contract: Path):
    done = subprocess.run(
        [sys.executable, "-m", "codegen.lint", "--contract", str(zoo_contract)],
        env={**os.environ, "PYTHONPATH": str(OPENAPI)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{zoo_contract} keeps every rule.\n")


def test_a_fault_ends_the_command_with_one(tmp_path: Path):
    done = run(tmp_path / "none.yaml", tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "none.yaml#: refers to none.yaml, which does not exist; mend the `$ref`.\n1 to mend.\n",
    )


def refused(document: dict[str, Any]) -> str:
    with pytest.raises(ContractError) as failure:
        make_rooms(document)
    return str(failure.value)


def test_objects_that_only_differ_in_shape_are_refused_in_a_request(zoo_document: dict[str, Any]):
    kinds = [{"$ref": f"#/components/schemas/{name}"} for name in ("Filter", "Anything")]
    zoo_document["components"]["schemas"]["Search"]["properties"]["anything"] = {"anyOf": kinds}
    assert "give the union a discriminator" in refused(zoo_document)


def test_a_schema_named_like_a_word_of_the_generated_module_is_refused(zoo_document: dict[str, Any]):
    schemas = zoo_document["components"]["schemas"]
    schemas["Struct"] = schemas.pop("Cage")
    schemas["Resident"]["properties"]["home"]["anyOf"][0]["$ref"] = "#/components/schemas/Struct"
    assert refused(zoo_document).startswith(
        "Struct: cannot be the name of a Python type here; rename the schema"
    )


def test_an_unlisted_tag_is_refused(zoo_document: dict[str, Any]):
    zoo_document["tags"] = zoo_document["tags"][:1]
    assert (
        refused(zoo_document)
        == "tags: keeper-notes is used but not listed in the root document; add it there."
    )


def test_pages_without_a_cursor_are_refused(zoo_document: dict[str, Any]):
    zoo_document["paths"]["/map"]["get"]["x-pynomaly"]["pagination"] = "cursor"
    assert "pagination `cursor` needs a query parameter `cursor`" in refused(zoo_document)


def test_traits_with_faults_are_refused(zoo_document: dict[str, Any]):
    zoo_document["paths"]["/map"]["get"]["x-pynomaly"]["retry"] = "always"
    assert refused(zoo_document) == "getMap: x-pynomaly.retry must be one of safe, idempotency-key, never."
