"""The JavaScript SDK's methods as plain data: names, types, what is sent, and JSDoc from the contract."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from codegen.grammar import resolve, split_pointer
from codegen.operations import EVENT_STREAM, JSON_MEDIA, ContractError, json_schema, python_name
from codegen.resources import COMMON_ERRORS, OPTIONS, SPECIFIC_ERRORS

if TYPE_CHECKING:
    from codegen.operations import Operation, Parameter, Response

_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_OBJECT = "Record<string, unknown>"
_WIDTH = 110
# What TypeScript calls the arguments that the client adds to those of the contract.
_TAKEN = {"body", "options", "params"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptArgument:
    """One argument of a method, or one field of its `params`."""

    name: str
    type: str
    optional: bool
    description: str

    @property
    def declaration(self) -> str:
        """As TypeScript declares it."""
        return f"{self.name}{'?' if self.optional else ''}: {self.type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMethod:
    """One method of a resource.

    Attributes:
        kind: `call` (JSON or nothing), `read` (bytes), `stream`, `events` or `iterate`.
    """

    name: str
    kind: str
    positional: tuple[ScriptArgument, ...]
    params: tuple[ScriptArgument, ...]
    returns: str
    documentation: str

    @property
    def signature(self) -> str:
        """The arguments as TypeScript declares them."""
        written = [argument.declaration for argument in self.positional]
        if self.kind == "stream":
            written.append("accept: string")
        if self.params:
            fields = "; ".join(argument.declaration for argument in self.params)
            optional = "?" if all(argument.optional for argument in self.params) else ""
            written.append(f"params{optional}: {{ {fields} }}")
        return ", ".join([*written, "options?: CallOptions"])

    @property
    def answer(self) -> str:
        """What it gives, as TypeScript declares it."""
        match self.kind:
            case "events":
                return f"AsyncGenerator<ServerEvent<{self.returns}>, void, undefined>"
            case "iterate":
                return f"AsyncGenerator<{self.returns}, void, undefined>"
            case "stream":
                return "Promise<Body>"
            case _:
                return f"Promise<{self.returns}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptResource:
    """The methods of one tag.

    Attributes:
        table: A line per operation, as `js-sdk/src/transport/operation.ts` reads it.
    """

    tag: str
    documentation: str
    methods: tuple[ScriptMethod, ...]
    table: tuple[str, ...]

    @property
    def attribute(self) -> str:
        """Its name on the client."""
        return script_name(self.tag)

    @property
    def class_name(self) -> str:
        """Its name as a class."""
        return f"{self.attribute[0].upper()}{self.attribute[1:]}Resource"


def make_script_resources(
    document: dict[str, Any], operations: tuple[Operation, ...]
) -> tuple[ScriptResource, ...]:
    """Collect the operations of each tag into a resource, tags in the order of the contract."""
    described = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    order = list(described)
    ordered = sorted(operations, key=lambda operation: order.index(operation.tag))
    resources = []
    for tag, group in groupby(ordered, key=lambda operation: operation.tag):
        made = [_Methods(document, operation) for operation in group]
        resources.append(
            ScriptResource(
                tag=tag,
                documentation=_comment([described[tag] or tag], 0),
                methods=tuple(method for each in made for method in each.all()),
                table=tuple(each.line() for each in made),
            )
        )
    return tuple(resources)


def script_name(name: str) -> str:
    """Turn a name into one of JavaScript: `Last-Event-ID` is `lastEventId`, `return_confidence` is
    `returnConfidence`."""
    first, *others = python_name(name).rstrip("_").split("_")
    camel = first + "".join(word.capitalize() for word in others)
    return f"{camel}_" if camel in _TAKEN else camel


class _Methods:
    """Makes the methods of one operation."""

    def __init__(self, document: dict[str, Any], operation: Operation) -> None:
        self._document = document
        self._operation = operation

    def all(self) -> list[ScriptMethod]:
        success = self._operation.success
        plain = self._main(success)
        methods = [plain]
        others = [media for media in success.media if not JSON_MEDIA.match(media)]
        if plain.kind == "call" and others:
            choice = ScriptArgument(
                name="accept",
                type="string",
                optional=False,
                description=f"The media type to get: {' or '.join(others)}.",
            )
            methods.append(
                replace(
                    plain,
                    name=f"{plain.name}Stream",
                    kind="stream",
                    documentation=self._documentation(
                        "The answer as it arrives, in a media type of its own.", choice
                    ),
                )
            )
        if self._operation.traits.pagination:
            methods.append(self._iteration(plain, success))
        return methods

    def _main(self, success: Response) -> ScriptMethod:
        operation = self._operation
        kind, returns = self._answer(success)
        positional = [self._argument(parameter) for parameter in operation.parameters_in("path")]
        body = self._body()
        return ScriptMethod(
            name=operation.operation_id,
            kind=kind,
            positional=(*positional, *body),
            params=tuple(self._argument(parameter) for parameter in self._others()),
            returns=returns,
            documentation=self._documentation(),
        )

    def _others(self) -> tuple[Parameter, ...]:
        return (*self._operation.parameters_in("query"), *self._operation.parameters_in("header"))

    def line(self) -> str:
        """The operation in the table of the client; what most operations share is left out.

        Raises:
            ContractError: the client would send a parameter in another form than the contract says.
        """
        operation, traits = self._operation, self._operation.traits
        texts = [parameter.name for parameter in self._others() if self._is_json_text(parameter)]
        if len(texts) > 1:
            raise ContractError(
                f"{operation.operation_id}: the JavaScript client's table names one parameter of an "
                f"operation that is JSON and no object, not {len(texts)}; let `readOperations` of "
                "js-sdk/src/transport/operation.ts read more."
            )
        for parameter in operation.parameters_in("query"):
            # As `wireName` of js-sdk/src/transport/request.ts does.
            wire = re.sub(
                "[A-Z]", lambda capital: f"_{capital[0].lower()}", script_name(parameter.name)
            ).rstrip("_")
            if parameter.name != wire:
                raise ContractError(
                    f"{operation.operation_id}: the JavaScript client cannot tell `{parameter.name}` from "
                    f"its name in camelCase; call it `{wire}`."
                )
        headers = [parameter.name for parameter in operation.parameters_in("header")]
        kinds = [method.kind for method in self.all()]
        words = [
            operation.operation_id,
            operation.method,
            operation.path,
            "" if traits.retry == "safe" else f"retry={traits.retry}",
            "" if traits.timeout == "short" else f"timeout={traits.timeout}",
            "" if traits.breaker == script_name(operation.tag) else f"breaker={traits.breaker}",
            "body" if operation.body_content else "",
            "params" if self._others() else "",
            f"header={','.join(headers)}" if headers else "",
            *(f"json={name}" for name in texts),
            *(kind for kind in ("read", "events", "stream") if kind in kinds),
            "list" if "iterate" in kinds else "",
        ]
        return " ".join(filter(None, words))

    def _is_json_text(self, parameter: Parameter) -> bool:
        """Whether it is JSON that the driver would not write as such, as it does for objects."""
        return parameter.is_json and resolve(self._document, parameter.schema).get("type") != "object"

    def _answer(self, success: Response) -> tuple[str, str]:
        """What kind of method it is, and what it promises."""
        if EVENT_STREAM in success.content:
            return "events", self._type(success.content[EVENT_STREAM].get("schema") or {})
        if success.json_schema is not None:
            return "call", self._type(success.json_schema) if success.json_schema else _OBJECT
        return ("read", "Uint8Array") if success.content else ("call", "void")

    def _body(self) -> list[ScriptArgument]:
        operation = self._operation
        if not operation.body_content:
            return []
        schema = json_schema(operation.body_content)
        kinds = [] if schema is None else [self._type(schema) if schema else "unknown"]
        if any(not JSON_MEDIA.match(media) for media in operation.body_content):
            kinds.append("Content")
        return [
            ScriptArgument(
                name="body",
                type=" | ".join(kinds),
                optional=not operation.body_required,
                description=operation.body_description,
            )
        ]

    def _argument(self, parameter: Parameter) -> ScriptArgument:
        default = resolve(self._document, parameter.schema).get("default")
        note = "" if default is None else f" The server's default is `{json.dumps(default)}`."
        return ScriptArgument(
            name=script_name(parameter.name),
            type=self._type(parameter.schema) + ("" if parameter.required else " | undefined"),
            optional=not parameter.required,
            description=parameter.description + note,
        )

    def _type(self, schema: dict[str, Any]) -> str:
        """The TypeScript type of a schema; what has a name in the contract is called by it."""
        if "$ref" in schema:
            return f'Schemas["{split_pointer(schema["$ref"])[-1]}"]'
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return _union([self._type(branch) for branch in schema[key]])
        if "const" in schema or "enum" in schema:
            return _union([json.dumps(value) for value in schema.get("enum", [schema.get("const")])])
        types = schema.get("type", "object")
        if isinstance(types, list):
            return _union([self._type({**schema, "type": one}) for one in types])
        if types == "array":
            return f"Array<{self._type(schema.get('items', {}))}>"
        return _OBJECT if types == "object" else _SCALARS[types]

    def _iteration(self, plain: ScriptMethod, success: Response) -> ScriptMethod:
        """The method that walks every page."""
        page = resolve(self._document, success.json_schema or {})
        items = resolve(self._document, page.get("properties", {}).get("items", {})).get("items", {})
        if not items or all(argument.name != "cursor" for argument in plain.params):
            raise ContractError(
                f"{self._operation.operation_id}: pagination `cursor` needs a query parameter `cursor` and "
                "an answer with `items` and `next_cursor`."
            )
        return replace(
            plain,
            name=f"{plain.name}Iter",
            kind="iterate",
            returns=self._type(items),
            documentation=self._documentation("The items of every page, fetched as they are needed."),
        )

    def _documentation(self, returns: str = "", *more: ScriptArgument) -> str:
        operation = self._operation
        path = [self._argument(parameter) for parameter in operation.parameters_in("path")]
        fields = [self._argument(parameter) for parameter in self._others()]
        described = [
            *((argument.name, argument.description) for argument in (*path, *self._body(), *more)),
            *((f"params.{argument.name}", argument.description) for argument in fields),
            ("options", OPTIONS),
        ]
        raised = [
            f"{SPECIFIC_ERRORS[response.status]}: {response.description}"
            for response in operation.errors
            if response.status in SPECIFIC_ERRORS
        ]
        return _comment(
            [
                f"{operation.summary.rstrip('.')}.",
                *operation.description.strip().split("\n\n"),
                *(f"@param {name} - {text}" for name, text in described),
                f"@returns {returns or operation.success.description}",
                *(f"@throws {text}" for text in (*raised, *COMMON_ERRORS)),
            ],
            2,
        )


def _comment(paragraphs: list[str], indent: int) -> str:
    """A JSDoc comment; tags follow one another, paragraphs are set apart."""
    margin = " " * indent
    lines: list[str] = []
    before = ""
    for paragraph in paragraphs:
        text = " ".join(paragraph.split()).replace("*/", "*\\/")
        if not text:
            continue
        if lines and not (text.startswith("@") and before.startswith("@")):
            lines.append("")
        hanging = "  " if text.startswith("@") else ""
        lines += textwrap.wrap(
            text,
            _WIDTH - indent - 3,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        before = text
    return "\n".join([f"{margin}/**", *(f"{margin} * {line}".rstrip() for line in lines), f"{margin} */"])


def _union(members: list[str]) -> str:
    return " | ".join(dict.fromkeys(members))
