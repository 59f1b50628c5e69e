"""Carries calls over HTTP: the only room that imports httpx.
The async driver is written by hand, the sync driver is made from it by `python sdk/unasync.py`."""

from pynomaly.transport.async_download import AsyncBody
from pynomaly.transport.async_driver import AsyncDriver
from pynomaly.transport.content import Content
from pynomaly.transport.download import Body
from pynomaly.transport.driver import Driver
from pynomaly.transport.options import CallOptions
from pynomaly.transport.sse import ServerEvent

__all__ = ["AsyncBody", "AsyncDriver", "Body", "CallOptions", "Content", "Driver", "ServerEvent"]
