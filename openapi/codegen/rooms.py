"""The generated rooms: which files there are and what is written into each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from codegen.audience import find_audience
from codegen.formatting import format_python
from codegen.grammar import resolve, split_pointer
from codegen.javascript import make_script_resources
from codegen.models import generate_models
from codegen.operations import ContractError, json_schema, read_operations
from codegen.preparation import Side, parameters_name, prepare
from codegen.proof import prove_decodable
from codegen.resources import make_resources
from codegen.shapes import Shapes

if TYPE_CHECKING:
    from codegen.audience import Audience
    from codegen.operations import Operation, Parameter
    from codegen.rework import Definitions

HEADER = "# Generated from openapi/ by `make generate`; do not edit."
SCRIPT_HEADER = "// Generated from openapi/ by `make generate`; do not edit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """Import names of what is generated and of what it stands on; tests generate under names of their own."""

    server: str = "pynomaly_server.contract"
    sdk: str = "pynomaly._generated"
    transport: str = "pynomaly.transport"

    def format(self, source: str) -> str:
        """Format a module that imports these packages."""
        return format_python(
            source, tuple(name.split(".")[0] for name in (self.server, self.sdk, self.transport))
        )


@dataclass(frozen=True, slots=True)
class Room:
    """One generated folder: the package it is and the text of every file in it."""

    package: str
    source_root: str
    files: dict[str, str]

    @property
    def folder(self) -> str:
        """Path of the folder below the repository's root."""
        return f"{self.source_root}/{self.package.replace('.', '/')}"


def make_rooms(document: dict[str, Any], packages: Packages | None = None) -> tuple[Room, ...]:
    """Generate everything from a bundled document.

    Raises:
        ContractError: the contract says something that cannot be turned into code.
    """
    packages = packages or Packages()
    operations = read_operations(document)
    audience = find_audience(document, operations)
    templates = _templates(document)
    return (
        _server_room(document, operations, audience, packages, templates),
        _sdk_room(document, operations, audience, packages, templates),
        _script_room(document, operations, templates),
    )


def _server_room(
    document: dict[str, Any],
    operations: tuple[Operation, ...],
    audience: Audience,
    packages: Packages,
    templates: Environment,
) -> Room:
    definitions = generate_models(prepare(document, audience, operations, Side.SERVER), Side.SERVER)
    structs = templates.get_template("server_structs.py.j2").render(
        header=HEADER, imports=definitions.imports, types=definitions.types
    )
    table = templates.get_template("server_operations.py.j2").render(
        header=HEADER,
        package=packages.server,
        imports=definitions.imports,
        parameters=definitions.parameters,
        type_names=sorted(audience.names),
        operations=operations,
        base_path=_base_path(document),
    )
    prove_decodable(structs, table, f"{packages.server}.structs", _decoded(operations))
    return Room(
        packages.server,
        "server/src",
        {
            "__init__.py": _init(
                "The contract as the server knows it: types, operations and the document that it serves.",
                "Everything in this room is generated.",
            ),
            "openapi.json": json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n",
            "operations.py": packages.format(table),
            "structs.py": packages.format(structs),
        },
    )


def _sdk_room(
    document: dict[str, Any],
    operations: tuple[Operation, ...],
    audience: Audience,
    packages: Packages,
    templates: Environment,
) -> Room:
    definitions: Definitions = generate_models(prepare(document, audience, operations, Side.SDK), Side.SDK)
    resources = make_resources(document, operations)
    resource_template = templates.get_template("sdk_resources.py.j2")
    shared = {
        "header": HEADER,
        "package": packages.sdk,
        "transport": packages.transport,
        "resources": resources,
        "writes_json": any(
            "_json_content" in method.body for resource in resources for method in resource.methods
        ),
    }
    return Room(
        packages.sdk,
        "sdk/src",
        {
            "__init__.py": _init(
                "The contract as the client knows it: models, operations and one resource per tag.",
                "Everything in this room is generated.",
            ),
            "models.py": packages.format(
                templates.get_template("sdk_models.py.j2").render(
                    header=HEADER, imports=definitions.imports, types=definitions.types
                )
            ),
            "operations.py": packages.format(
                templates.get_template("sdk_operations.py.j2").render(header=HEADER, operations=operations)
            ),
            "resources_async.py": packages.format(
                resource_template.render(**shared, a="async ", w="await ", p="Async")
            ),
            "resources_sync.py": packages.format(resource_template.render(**shared, a="", w="", p="")),
            "shapes.py": packages.format(
                templates.get_template("sdk_shapes.py.j2").render(
                    header=HEADER,
                    package=packages.sdk,
                    operations=operations,
                    shapes=Shapes(document, frozenset(audience.names)),
                )
            ),
        },
    )


def _script_room(document: dict[str, Any], operations: tuple[Operation, ...], templates: Environment) -> Room:
    """The JavaScript SDK's operations and resources; its types are openapi-typescript's work."""
    resources = make_script_resources(document, operations)
    return Room(
        "src.generated",
        "js-sdk",
        {
            "operations.ts": templates.get_template("js_operations.ts.j2").render(
                header=SCRIPT_HEADER, operations=operations, resources=resources
            ),
            "resources.ts": templates.get_template("js_resources.ts.j2").render(
                header=SCRIPT_HEADER, resources=resources
            ),
        },
    )


def _init(*lines: str) -> str:
    return "\n".join((HEADER, f'"""{lines[0]}', f'{lines[1]}"""', ""))


def _base_path(document: dict[str, Any]) -> str:
    servers = document.get("servers") or [{"url": ""}]
    url: str = servers[0]["url"]
    if "://" in url:
        raise ContractError(
            f"servers: the first must be a path such as /api/v1, not {url}; the server is wherever it runs."
        )
    return url.rstrip("/")


def _decoded(operations: tuple[Operation, ...]) -> dict[str, str]:
    """For each type that the server decodes, the operation that wants it."""
    wanted: dict[str, str] = {}
    for operation in operations:
        for location in ("path", "query", "header"):
            if operation.parameters_in(location):
                wanted[parameters_name(operation, location)] = operation.operation_id
        body = _body_name(operation.body_content)
        if body not in {"None", "Any"}:
            wanted[body] = operation.operation_id
    return wanted


def _body_name(content: dict[str, dict[str, Any]]) -> str:
    """The type of the JSON among several media types."""
    schema = json_schema(content)
    if schema is None:
        return "None"
    if not schema:
        return "Any"
    if "$ref" not in schema:
        raise ContractError(
            f"A JSON body must be a `$ref` to a schema under schemas/, not written in place: {schema}"
        )
    return split_pointer(schema["$ref"])[-1]


def _templates(document: dict[str, Any]) -> Environment:
    def schema_type(parameter: Parameter) -> str:
        if parameter.is_json:
            return "json"
        schema = resolve(document, parameter.schema)
        types = schema.get("type")
        return types if isinstance(types, str) else "any"

    def holder(operation: Operation, location: str) -> str:
        return parameters_name(operation, location) if operation.parameters_in(location) else "None"

    environment = Environment(  # noqa: S701 - it writes Python, not HTML  # nosec B701
        loader=PackageLoader("codegen"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters.update(
        py=repr, json=json.dumps, body_name=_body_name, schema_type=schema_type, holder=holder
    )
    return environment
