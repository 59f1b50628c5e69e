"""Puts a request together: address, query, headers and body of an operation."""

from __future__ import annotations

import json
import platform
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from pynomaly._version import __version__
from pynomaly.profile import Connection
from pynomaly.transport.content import Content
from pynomaly.transport.operation import Operation
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    from pydantic import BaseModel

_USER_AGENT = f"pynomaly-python/{__version__} (python/{platform.python_version()})"
AUTHORIZATION = "Authorization"
_IDEMPOTENCY_KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, the same in every attempt of its call."""

    operation_id: str
    method: str
    root: str
    target: str
    headers: dict[str, str] = field(repr=False)
    content: Content | None

    @property
    def url(self) -> str:
        """The whole address: `root`, which ends in `/api/v1`, with path and query behind it."""
        return self.root + self.target


def build_request(
    op: Operation,
    connection: Connection,
    options: CallOptions,
    *,
    accept: str,
    path: Mapping[str, Any] | None,
    query: Mapping[str, Any] | None,
    headers: Mapping[str, Any] | None,
    body: BaseModel | Content | None,
) -> Outgoing:
    """Build the request of one call.

    An operation of retry class `idempotency-key` gets a generated key unless the caller gives one: the key
    is part of the request, so that every attempt carries the same.
    """
    content = _content(body)
    sent = {"Accept": accept, "User-Agent": _USER_AGENT}
    if connection.api_key is not None:
        sent[AUTHORIZATION] = f"Bearer {connection.api_key}"
    if content is not None:
        sent["Content-Type"] = content.media_type
        size = content.size()
        if size is not None:
            sent["Content-Length"] = str(size)
    sent.update((name, str(value)) for name, value in (headers or {}).items() if value is not None)
    sent.update(options.headers)
    if op.retry == "idempotency-key":
        sent.setdefault(_IDEMPOTENCY_KEY, options.idempotency_key or uuid.uuid4().hex)
    return Outgoing(op.id, op.method, connection.root, _target(op.path, path, query), sent, content)


def _content(body: BaseModel | Content | None) -> Content | None:
    from pydantic import BaseModel

    if isinstance(body, BaseModel):
        # Fields nobody set are left out, so that the server's defaults hold. A null inside a row stays.
        text = body.model_dump_json(by_alias=True, exclude_unset=True, exclude_none=True)
        return Content("application/json", text.encode())
    return body


def _target(path: str, values: Mapping[str, Any] | None, query: Mapping[str, Any] | None) -> str:
    for name, value in (values or {}).items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    encoded = encode_query(query) if query else ""
    return f"{path}?{encoded}" if encoded else path


def encode_query(query: Mapping[str, Any]) -> str:
    """Encode query parameters: None is left out, a list repeats its name, an object is JSON.

    Returns:
        The query without `?`, percent-encoded as UTF-8.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        values = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else (value,)
        pairs += [(name, _plain(item)) for item in values]
    return urlencode(pairs, quote_via=quote)


def _plain(value: Any) -> str:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump_json(by_alias=True, exclude_unset=True)
    if isinstance(value, bool | Mapping):
        return json.dumps(value, separators=(",", ":"))
    return str(value)
