"""Types from schemas: datamodel-code-generator for the substance, then a rework in the house style."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any

from codegen.operations import ContractError
from codegen.preparation import Side
from codegen.rework import Rework

if TYPE_CHECKING:
    from codegen.preparation import Prepared
    from codegen.rework import Definitions


def generate_models(prepared: Prepared, side: Side) -> Definitions:
    """Make the types of one side, not yet formatted.

    Raises:
        ContractError: a schema came out under another name than its own.
    """
    tree = ast.parse(_run_generator(prepared, side))
    definitions = Rework(prepared, side).rewrite(tree)
    missing = sorted(set(prepared.schemas) - prepared.unnamed - definitions.names)
    if missing:
        raise ContractError(
            f"{', '.join(missing)}: cannot be the name of a Python type here; rename the schema "
            "(PascalCase, and none of the words that typing, msgspec or pydantic use)."
        )
    return definitions


def _run_generator(prepared: Prepared, side: Side) -> str:
    # Imported here: loading it takes longer than everything else `--help` or the bundler do.
    from datamodel_code_generator import InputFileType, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import DatetimeClassType, PythonVersion
    from datamodel_code_generator.parser import LiteralType

    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "contract", "version": "0"},
        "paths": {},
        "components": {"schemas": prepared.schemas},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = generate(
            document,
            input_file_type=InputFileType.OpenAPI,
            output_model_type=(
                DataModelType.MsgspecStruct if side is Side.SERVER else DataModelType.PydanticV2BaseModel
            ),
            target_python_version=PythonVersion.PY_311,
            enum_field_as_literal=LiteralType.All,
            field_constraints=True,
            use_annotated=True,
            use_type_alias=True,
            strict_nullable=True,
            keyword_only=side is Side.SERVER,
            use_msgspec_tagged_unions=side is Side.SERVER,
            snake_case_field=True,
            use_standard_primitive_types=True,
            use_typed_nullable_map_values=True,
            use_typed_map_values_beside_other_types=True,
            strict_refs=True,
            output_datetime_class=(
                DatetimeClassType.Datetime if side is Side.SERVER else DatetimeClassType.Awaredatetime
            ),
            use_union_operator=True,
            use_double_quotes=True,
            disable_timestamp=True,
            formatters=[],
        )
    if not isinstance(result, str):
        raise ContractError(
            "The contract has no schema that a request or response uses; there is nothing to write."
        )
    return result
