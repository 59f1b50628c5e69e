"""The operations of a bundled contract as plain data, ready for the templates and the linter."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codegen.grammar import METHODS, resolve
from codegen.traits import Traits, read_traits, trait_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON_MEDIA = re.compile(r"^application/(?:[a-z0-9.-]+\+)?json$")
EVENT_STREAM = "text/event-stream"
LOCATIONS = ("path", "query", "header")


class ContractError(ValueError):
    """The contract says what cannot be turned into code; the message names where and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an operation, references resolved."""

    name: str
    location: str
    required: bool
    description: str
    schema: dict[str, Any]
    is_json: bool

    @property
    def python_name(self) -> str:
        """The name of the Python argument."""
        return python_name(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One status of an operation with what it may carry."""

    status: int
    description: str
    content: dict[str, dict[str, Any]]

    @property
    def media(self) -> tuple[str, ...]:
        """The media types on offer, in the order of the contract."""
        return tuple(self.content)

    @property
    def json_schema(self) -> dict[str, Any] | None:
        """Schema of the JSON body, problem documents included; None where there is none."""
        return json_schema(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation with everything that the code made from it needs to know."""

    operation_id: str
    pointer: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    public: bool
    extension: dict[str, Any]
    parameters: tuple[Parameter, ...]
    body_content: dict[str, dict[str, Any]]
    body_required: bool
    body_description: str
    responses: tuple[Response, ...]

    @property
    def python_name(self) -> str:
        """The name of the Python method: the operationId in snake_case."""
        return python_name(self.operation_id)

    @property
    def class_prefix(self) -> str:
        """The operationId in PascalCase, which names the operation's own types."""
        return self.operation_id[0].upper() + self.operation_id[1:]

    @property
    def traits(self) -> Traits:
        """What `x-pynomaly` says.

        Raises:
            ContractError: it is not valid.
        """
        faults = trait_faults(self.extension, public=self.public)
        if faults:
            raise ContractError(f"{self.operation_id}: {'; '.join(faults)}.")
        return read_traits(self.extension)

    @property
    def audited(self) -> bool:
        """Whether calls are kept in the audit log: where `x-pynomaly.audit` says so, else all but GETs."""
        return bool(self.extension.get("audit", self.method != "GET"))

    @property
    def request_media(self) -> tuple[str, ...]:
        """Media types the body may have, in the order of the contract."""
        return tuple(self.body_content)

    def parameters_in(self, location: str) -> tuple[Parameter, ...]:
        """The parameters of one location, in the order of the contract."""
        return tuple(parameter for parameter in self.parameters if parameter.location == location)

    @property
    def success(self) -> Response:
        """The first 2xx answer.

        Raises:
            ContractError: there is none.
        """
        for response in self.responses:
            if 200 <= response.status < 300:
                return response
        raise ContractError(f"{self.operation_id}: has no 2xx response; say what success looks like.")

    @property
    def errors(self) -> tuple[Response, ...]:
        """Every answer that is not 2xx."""
        return tuple(response for response in self.responses if response.status >= 300)


def json_schema(content: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Find the schema of the JSON among several media types, None where there is no JSON."""
    for media, value in content.items():
        if JSON_MEDIA.match(media):
            found = value.get("schema", {})
            return found if isinstance(found, dict) else {}
    return None


def python_name(name: str) -> str:
    """Turn a name into a Python name: `Last-Event-ID` is `last_event_id`, `class` is `class_`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"[^0-9a-zA-Z]+", "_", words).strip("_").lower()
    if not snake or snake[0].isdigit():
        snake = f"field_{snake}"
    return f"{snake}_" if keyword.iskeyword(snake) or snake in {"self", "options", "body"} else snake


def read_operations(document: dict[str, Any]) -> tuple[Operation, ...]:
    """Read every operation of a bundled document, in its order."""
    return tuple(_read_all(document))


def _read_all(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield _read(document, path, method, item)


def _read(document: dict[str, Any], path: str, method: str, item: dict[str, Any]) -> Operation:
    source = item[method]
    pointer = f"{method.upper()} {path}"
    operation_id = source.get("operationId")
    if not operation_id:
        raise ContractError(f"{pointer}: has no operationId; give it one in camelCase.")
    merged = {
        (parameter["in"], parameter["name"]): parameter
        for parameter in (
            resolve(document, written)
            for written in (*item.get("parameters", ()), *source.get("parameters", ()))
        )
    }
    body = resolve(document, source.get("requestBody", {}))
    return Operation(
        operation_id=operation_id,
        pointer=pointer,
        tag=(source.get("tags") or [""])[0],
        method=method.upper(),
        path=path,
        summary=source.get("summary", ""),
        description=source.get("description", ""),
        public=source.get("security", document.get("security")) == [],
        extension=source.get("x-pynomaly") or {},
        parameters=tuple(
            _read_parameter(parameter) for parameter in merged.values() if parameter["in"] in LOCATIONS
        ),
        body_content=body.get("content", {}),
        body_required=bool(body.get("required", False)),
        body_description=body.get("description", ""),
        responses=tuple(
            _read_response(document, pointer, status, response)
            for status, response in source.get("responses", {}).items()
        ),
    )


def _read_parameter(source: dict[str, Any]) -> Parameter:
    described_by_content = json_schema(source.get("content", {}))
    return Parameter(
        name=source["name"],
        location=source["in"],
        required=bool(source.get("required", False)),
        description=source.get("description", ""),
        schema=source.get("schema", {}) if described_by_content is None else described_by_content,
        is_json=described_by_content is not None,
    )


def _read_response(document: dict[str, Any], pointer: str, status: str, source: dict[str, Any]) -> Response:
    if not status.isdigit():
        raise ContractError(f"{pointer}: answers {status!r}; name each status by its number.")
    response = resolve(document, source)
    return Response(
        status=int(status),
        description=response.get("description", ""),
        content=response.get("content", {}),
    )
