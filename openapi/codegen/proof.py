"""Shows, before anything is written, that msgspec can decode every type that a request is decoded into."""

from __future__ import annotations

import sys
import types
from typing import Any

import msgspec

from codegen.operations import ContractError


def prove_decodable(structs: str, table: str, structs_module: str, wanted: dict[str, str]) -> None:
    """Build a decoder for each wanted type of two generated modules.

    Args:
        structs: Source of the module of types.
        table: Source of the operation table, which imports the former.
        structs_module: The name it imports it by.
        wanted: For each type, the operation that decodes it.

    Raises:
        ContractError: msgspec refuses a type; names the type, the operation and the reason.
    """
    parents = [structs_module.rsplit(".", depth)[0] for depth in range(structs_module.count("."), 0, -1)]
    table_module = f"{structs_module}.operations_to_prove"
    replaced = {name: sys.modules.get(name) for name in (*parents, structs_module, table_module)}
    try:
        for name in parents:
            sys.modules[name] = types.ModuleType(name)
        names = _run(structs, structs_module) | _run(table, table_module)
        for name, operation_id in wanted.items():
            try:
                msgspec.json.Decoder(names[name])
            except TypeError as error:
                raise ContractError(
                    f"{operation_id}: its input {name} cannot be decoded: {error} Where objects of several "
                    "kinds may stand, give the union a discriminator."
                ) from error
    finally:
        for name, module in replaced.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


def _run(source: str, name: str) -> dict[str, Any]:
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102 - our own generated source  # nosec B102
    return module.__dict__
