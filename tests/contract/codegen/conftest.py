"""The zoo: a small contract of edge cases, bundled, and the code that the generator makes of it."""

from __future__ import annotations

import copy
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from codegen.bundle import bundle
from codegen.files import write
from codegen.rooms import Packages, make_rooms

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parent / "fixtures"
PACKAGES = Packages(server="zoo_server", sdk="zoo_sdk", transport="zoo_transport")


@pytest.fixture(scope="session")
def zoo_contract() -> Path:
    return FIXTURES / "zoo" / "zoo.yaml"


@pytest.fixture(scope="session")
def bundled_zoo(zoo_contract: Path) -> dict[str, Any]:
    return bundle(zoo_contract)


@pytest.fixture
def zoo_document(bundled_zoo: dict[str, Any]) -> dict[str, Any]:
    """A bundled zoo to spoil."""
    return copy.deepcopy(bundled_zoo)


@pytest.fixture(scope="session")
def zoo(bundled_zoo: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The generated modules, imported."""
    folder = tmp_path_factory.mktemp("zoo")
    write(make_rooms(bundled_zoo, PACKAGES), folder)
    entries = [str(FIXTURES), str(folder / "server" / "src"), str(folder / "sdk" / "src")]
    sys.path[:0] = entries
    try:
        yield SimpleNamespace(
            folder=folder,
            structs=importlib.import_module("zoo_server.structs"),
            table=importlib.import_module("zoo_server.operations"),
            models=importlib.import_module("zoo_sdk.models"),
            operations=importlib.import_module("zoo_sdk.operations"),
            resources=importlib.import_module("zoo_sdk.resources_sync"),
            async_resources=importlib.import_module("zoo_sdk.resources_async"),
            transport=importlib.import_module("zoo_transport"),
        )
    finally:
        for entry in entries:
            sys.path.remove(entry)
        for name in [
            name for name in sys.modules if name.split(".")[0] in {"zoo_server", "zoo_sdk", "zoo_transport"}
        ]:
            del sys.modules[name]
