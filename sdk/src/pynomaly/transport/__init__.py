"""Carries calls over HTTP: the only room that imports httpx.
The async driver is written by hand, the sync driver is made from it by `python sdk/unasync.py`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pynomaly.transport.async_download import AsyncBody
    from pynomaly.transport.async_driver import AsyncDriver
    from pynomaly.transport.content import Content
    from pynomaly.transport.download import Body
    from pynomaly.transport.driver import Driver
    from pynomaly.transport.options import CallOptions
    from pynomaly.transport.sse import ServerEvent

__all__ = ["AsyncBody", "AsyncDriver", "Body", "CallOptions", "Content", "Driver", "ServerEvent"]

_HOMES = {
    "AsyncBody": "pynomaly.transport.async_download",
    "AsyncDriver": "pynomaly.transport.async_driver",
    "Body": "pynomaly.transport.download",
    "CallOptions": "pynomaly.transport.options",
    "Content": "pynomaly.transport.content",
    "Driver": "pynomaly.transport.driver",
    "ServerEvent": "pynomaly.transport.sse",
}


def __getattr__(name: str) -> Any:
    # At its first use, so that a program of one colour does not load the other.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
