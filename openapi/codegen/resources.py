"""The SDK's methods as plain data: names, arguments, what is sent and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from codegen.grammar import resolve, split_pointer
from codegen.operations import EVENT_STREAM, JSON_MEDIA, ContractError, json_schema, python_name
from codegen.rework import docstring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codegen.operations import Operation, Parameter, Response

ANYTHING = "dict[str, Any]"
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
# The errors that say something about one operation; what any call may raise is told by their base class.
SPECIFIC_ERRORS = {
    400: "BadRequestError",
    404: "NotFoundError",
    409: "ConflictError",
    410: "GoneError",
    413: "PayloadTooLargeError",
    415: "UnsupportedMediaTypeError",
    422: "UnprocessableEntityError",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a method."""

    name: str
    annotation: str
    optional: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of a resource.

    Attributes:
        kind: `call` (typed JSON), `empty` (no content), `read` (bytes), `stream`, `events` or `iterate`.
        sent: For path, query and headers, pairs of wire name and expression.
        page: For `iterate`, the method that gets one page.
    """

    name: str
    kind: str
    constant: str
    positional: tuple[Argument, ...]
    keywords: tuple[Argument, ...]
    sent: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    body: str
    returns: str
    response_type: str
    documentation: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The methods of one tag."""

    tag: str
    documentation: str
    methods: tuple[Method, ...]

    @property
    def attribute(self) -> str:
        """Its name on the client."""
        return python_name(self.tag)

    @property
    def class_name(self) -> str:
        """Its name as a class, without the colour before and `Resource` after it."""
        return "".join(word.capitalize() for word in self.attribute.split("_"))


def make_resources(document: dict[str, Any], operations: tuple[Operation, ...]) -> tuple[Resource, ...]:
    """Collect the operations of each tag into a resource, tags in the order of the contract."""
    described = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    order = {name: index for index, name in enumerate(described)}
    missing = sorted({operation.tag for operation in operations} - set(order))
    if missing:
        raise ContractError(
            f"tags: {', '.join(missing)} is used but not listed in the root document; add it there."
        )
    sorted_operations = sorted(operations, key=lambda operation: order[operation.tag])
    return tuple(
        Resource(
            tag=tag,
            documentation=docstring(described[tag], indent=4).strip().removeprefix('"""').removesuffix('"""'),
            methods=tuple(method for operation in group for method in _Methods(document, operation).all()),
        )
        for tag, group in groupby(sorted_operations, key=lambda operation: operation.tag)
    )


class _Methods:
    """Makes the methods of one operation."""

    def __init__(self, document: dict[str, Any], operation: Operation) -> None:
        self._document = document
        self._operation = operation

    def all(self) -> list[Method]:
        success = self._operation.success
        plain = self._main(success)
        methods = [plain]
        others = [media for media in success.media if not JSON_MEDIA.match(media)]
        if plain.kind == "call" and others:
            choice = Argument(
                name="accept",
                annotation="str",
                optional=False,
                description=f"The media type to get: {' or '.join(others)}.",
            )
            methods.append(
                replace(
                    plain,
                    name=f"{plain.name}_stream",
                    kind="stream",
                    documentation=self._documentation(
                        "The answer as it arrives, in a media type of its own; use it in a `with` statement.",
                        choice,
                    ),
                )
            )
        if self._operation.traits.pagination:
            methods.append(self._iteration(plain, success))
        return methods

    def _main(self, success: Response) -> Method:
        operation = self._operation
        kind, returns, response_type = self._answer(success)
        path = operation.parameters_in("path")
        rest = (*operation.parameters_in("query"), *operation.parameters_in("header"))
        body = self._body_argument()
        positional = [self._argument(parameter) for parameter in path]
        if body is not None:
            positional.append(body)
        keywords = sorted(
            (self._argument(parameter) for parameter in rest), key=lambda argument: argument.optional
        )
        return Method(
            name=operation.python_name,
            kind=kind,
            constant=operation.python_name.upper(),
            positional=tuple(positional),
            keywords=tuple(keywords),
            sent=tuple(
                (group, tuple((parameter.name, self._value(parameter)) for parameter in parameters))
                for group, location in (("path", "path"), ("query", "query"), ("headers", "header"))
                if (parameters := operation.parameters_in(location))
            ),
            body=self._body_value(),
            returns=returns,
            response_type=response_type,
            documentation=self._documentation(),
        )

    def _answer(self, success: Response) -> tuple[str, str, str]:
        """What kind of method it is, what it returns and what the driver reads the answer as."""
        if EVENT_STREAM in success.content:
            return "events", *self._named(success.content[EVENT_STREAM].get("schema"), "the events")
        if success.json_schema is not None:
            return "call", *self._named(success.json_schema, f"the {success.status} response")
        if success.content:
            return "read", "bytes", ""
        return "empty", "None", ""

    def _named(self, schema: Any, where: str) -> tuple[str, str]:
        """The annotation of a component, and how it is named at run time."""
        if not schema:
            return ANYTHING, ANYTHING
        name = self._component(schema, where)
        target = resolve(self._document, schema)
        if "oneOf" in target or "anyOf" in target:
            return f"models.{name}", f'cast("type[models.{name}]", models.{name})'
        return f"models.{name}", f"models.{name}"

    def _component(self, schema: dict[str, Any], where: str) -> str:
        if "$ref" not in schema:
            raise ContractError(
                f"{self._operation.operation_id}: {where} must be a `$ref` to a schema under schemas/, "
                "not written in place."
            )
        return split_pointer(schema["$ref"])[-1]

    def _body_argument(self) -> Argument | None:
        operation = self._operation
        if not operation.body_content:
            return None
        kinds: list[str] = []
        schema = json_schema(operation.body_content)
        if schema is not None:
            kinds.append(f"models.{self._component(schema, 'the JSON body')}" if schema else "Any")
        if any(not JSON_MEDIA.match(media) for media in operation.body_content):
            kinds.append("Content")
        if not operation.body_required:
            kinds.append("None")
        return Argument(
            name="body",
            annotation=" | ".join(kinds),
            optional=not operation.body_required,
            description=operation.body_description,
        )

    def _body_value(self) -> str:
        if not self._operation.body_content:
            return ""
        schema = json_schema(self._operation.body_content)
        if schema is None or _is_model(resolve(self._document, schema)):
            return "body"
        return (
            "_json_content(body)"
            if self._operation.body_required
            else "None if body is None else _json_content(body)"
        )

    def _argument(self, parameter: Parameter) -> Argument:
        annotation = self._annotation(parameter.schema)
        default = resolve(self._document, parameter.schema).get("default")
        return Argument(
            name=parameter.python_name,
            annotation=annotation if parameter.required else f"{annotation} | None",
            optional=not parameter.required,
            description=parameter.description
            + ("" if default is None else f" The server's default is `{_json_word(default)}`."),
        )

    def _value(self, parameter: Parameter) -> str:
        """The expression that is sent; the driver writes objects as JSON and repeats a list's name."""
        name = parameter.python_name
        if not parameter.is_json or resolve(self._document, parameter.schema).get("type") == "object":
            return name
        text = f"json.dumps({name})"
        return text if parameter.required else f"None if {name} is None else {text}"

    def _annotation(self, schema: dict[str, Any]) -> str:
        """The Python type of a parameter's value."""
        if "$ref" in schema and _is_model(resolve(self._document, schema)):
            return f"models.{split_pointer(schema['$ref'])[-1]}"
        schema = resolve(self._document, schema)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return _union([self._annotation(branch) for branch in schema[key]])
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return f"Literal[{', '.join(map(repr, values))}]"
        types = schema.get("type", "object")
        if isinstance(types, list):
            return _union([self._annotation({**schema, "type": one}) for one in types])
        if types == "array":
            return f"list[{self._annotation(schema.get('items', {}))}]"
        if types == "object":
            values = schema.get("additionalProperties")
            return (
                f"dict[str, {self._annotation(values)}]" if isinstance(values, dict) and values else ANYTHING
            )
        return SCALARS[types]

    def _iteration(self, plain: Method, success: Response) -> Method:
        """The method that walks every page."""
        page = resolve(self._document, success.json_schema or {})
        items = resolve(self._document, page.get("properties", {}).get("items", {})).get("items", {})
        has_cursor = any(argument.name == "cursor" for argument in plain.keywords)
        if not items or not has_cursor or "next_cursor" not in page.get("properties", {}):
            raise ContractError(
                f"{self._operation.operation_id}: pagination `cursor` needs a query parameter `cursor` and "
                "an answer with `items` and `next_cursor`."
            )
        item_type = (
            self._annotation(items) if "$ref" not in items else f"models.{split_pointer(items['$ref'])[-1]}"
        )
        return replace(
            plain,
            name=f"{plain.name}_iter",
            kind="iterate",
            returns=item_type,
            page=plain.name,
            documentation=self._documentation("The items of every page, fetched as they are needed."),
        )

    def _documentation(self, returns: str = "", *more: Argument) -> str:
        """The docstring: what the contract says of the operation, its arguments and its errors."""
        operation = self._operation
        body = self._body_argument()
        described = [self._argument(parameter) for parameter in operation.parameters_in("path")]
        described += [body] if body else []
        described += [
            self._argument(parameter)
            for location in ("query", "header")
            for parameter in operation.parameters_in(location)
        ]
        described += [*more, Argument(name="options", annotation="", optional=True, description=OPTIONS)]
        success = operation.success
        raises = [
            f"{SPECIFIC_ERRORS[response.status]}: {response.description}"
            for response in operation.errors
            if response.status in SPECIFIC_ERRORS
        ]
        return _google_docstring(
            operation.summary,
            operation.description,
            {
                "Args": [f"{argument.name}: {argument.description}" for argument in described],
                "Returns": [returns or success.description],
                "Raises": [*raises, *COMMON_ERRORS],
            },
        )


OPTIONS = "What this call does differently from its client."
COMMON_ERRORS = (
    "APIStatusError: The server refused for another reason; there is a subclass per status.",
    "APIConnectionError: No whole answer came.",
    "APITimeoutError: The deadline passed.",
)


def _google_docstring(summary: str, description: str, sections: dict[str, Sequence[str]]) -> str:
    indent = 8
    margin = " " * indent
    first = f"{summary.rstrip('.')}."
    text = docstring(f"{first}\n\n{description}" if description else first, indent=indent).strip()
    lines = [text.removesuffix('"""').rstrip()]
    for title, entries in sections.items():
        lines += ["", f"{margin}{title}:"]
        for entry in entries:
            block = (
                docstring(entry.replace("\n\n", " "), indent=indent + 8)
                .strip()
                .removeprefix('"""')
                .removesuffix('"""')
            )
            first_line, *others = [line.strip() for line in block.strip().splitlines()]
            lines.append(f"{margin}    {first_line}")
            lines += [f"{margin}    {'' if title == 'Returns' else '    '}{line}" for line in others]
    return "\n".join([*lines, f'{margin}"""'])


def _is_model(schema: dict[str, Any]) -> bool:
    return (schema.get("type") == "object" and bool(schema.get("properties"))) or "allOf" in schema


def _union(members: list[str]) -> str:
    return " | ".join(dict.fromkeys(members))


def _json_word(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
