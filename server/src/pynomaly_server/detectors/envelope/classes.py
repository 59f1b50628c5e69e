"""Which dataclasses an envelope may hold: those of the registered algorithms, and those allowed by name.

Reading an envelope imports no module but the engine's own, and calls nothing but a dataclass of this list.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from typing import TYPE_CHECKING, Final

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.envelope.errors import NotKeepable, UnsupportedVersion

if TYPE_CHECKING:
    from types import ModuleType

_ENGINE: Final = "pynomaly_server.detectors."

_allowed: Final[dict[str, type]] = {}


def allow(*classes: type) -> None:
    """Let envelopes hold these dataclasses; for what stands around a detector, such as a pipeline.

    Raises:
        TypeError: one is no dataclass.
    """
    for cls in classes:
        if not dataclasses.is_dataclass(cls):
            raise TypeError(f"{cls.__qualname__} is no dataclass; an envelope holds nothing else")
        _allowed[_name(cls)] = cls


def name_of(cls: type, where: str) -> str:
    """The name under which an envelope holds an allowed class.

    Raises:
        NotKeepable: it is not allowed; `where` says where it was found.
    """
    name = _name(cls)
    if _find(name) is not cls:
        raise NotKeepable(
            f"{where} is a {name}, which no envelope holds. Keep arrays, numbers, texts, tuples and "
            "dataclasses of them in a field, and build the rest in __post_init__."
        )
    return name


def class_of(name: str) -> type:
    """The allowed class of this name.

    Raises:
        UnsupportedVersion: there is none.
    """
    cls = _find(name)
    if cls is None:
        raise UnsupportedVersion(
            f"The envelope holds a {name}, which this release does not know. "
            "Load it with the release that made it, or train the model anew."
        )
    return cls


def _find(name: str) -> type | None:
    if name in _allowed:
        return _allowed[name]
    module_name, _, class_name = name.partition(":")
    if not module_name.startswith(_ENGINE) and module_name not in _homes():
        return None
    cls = getattr(_module(module_name), class_name, None)
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls) or _name(cls) != name:
        return None
    return cls


def _homes() -> set[str]:
    """The modules in which the algorithms of the registry are made."""
    return {spec.make.__module__ for spec in registry.all()}


def _module(name: str) -> ModuleType | None:
    if name.startswith(_ENGINE) and name not in sys.modules:
        try:
            # Some algorithms load their heavy libraries only when they are first asked to fit.
            return importlib.import_module(name)
        except ImportError:
            return None
    return sys.modules.get(name)


def _name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
