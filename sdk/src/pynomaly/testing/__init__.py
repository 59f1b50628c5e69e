"""For the tests of programs that use the client: a server that lives in memory and is held to the contract,
faults to order, a clock that nobody waits for, and a log of the calls. Loaded at its first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pynomaly.testing.calls import RecordedCall
    from pynomaly.testing.clock import VirtualClock
    from pynomaly.testing.contract import ContractError, UnknownBehaviourError
    from pynomaly.testing.server import FakeServer

__all__ = ["ContractError", "FakeServer", "RecordedCall", "UnknownBehaviourError", "VirtualClock"]

_HOMES = {
    "ContractError": "contract",
    "FakeServer": "server",
    "RecordedCall": "calls",
    "UnknownBehaviourError": "contract",
    "VirtualClock": "clock",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pynomaly.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"pynomaly.testing.{_HOMES[name]}"), name)
