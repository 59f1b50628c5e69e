"""A fitted detector as a JSON tree and the arrays it refers to, and back; the same for every class.

A field is an array, a number, a text, a truth, None, bytes, a tuple, list or dict of these, or another
dataclass. Fields that are not set by the constructor are left out: `__post_init__` builds them again.

In the tree a list is an object `{"list": [...]}`, and so on for every value that JSON does not have; finite
numbers and texts are themselves. One array that is found in two places is kept once.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.envelope.classes import class_of, name_of
from pynomaly_server.detectors.envelope.errors import NotKeepable, UnsupportedVersion

Tree = Any
AnyArray = NDArray[Any]

_DTYPES: Final = frozenset(
    np.dtype(name)
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                 "float16", "float32", "float64")
)  # fmt: skip
_NOT_FINITE: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Packer:
    """Turns values into a tree, and gathers the arrays they hold in `arrays`, by number."""

    def __init__(self) -> None:
        self.arrays: dict[str, AnyArray] = {}
        # The arrays themselves are held too, so that no id is used twice.
        self._seen: dict[int, tuple[AnyArray, Tree]] = {}

    def tree(self, value: object, where: str) -> Tree:
        """The tree of a value; `where` names its place for messages.

        Raises:
            NotKeepable: it is or holds a value that no envelope holds.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.array(value), where)}
        if isinstance(value, np.ndarray):
            return self._array(value, where)
        if type(value) is bytes:
            return {"bytes": self._array(np.frombuffer(value, dtype=np.uint8), where)}
        if type(value) is tuple or type(value) is list:
            kind = "tuple" if type(value) is tuple else "list"
            return {kind: [self.tree(item, f"{where}[{at}]") for at, item in enumerate(value)]}
        if type(value) is dict:
            return {
                "dict": [
                    [self.tree(key, f"a key of {where}"), self.tree(item, f"{where}[{key!r}]")]
                    for key, item in value.items()
                ]
            }
        return self._object(value, where)

    def _object(self, value: object, where: str) -> Tree:
        name = name_of(type(value), where)
        fields = [field.name for field in dataclasses.fields(value) if field.init]  # type: ignore[arg-type]
        state = {field: self.tree(getattr(value, field), f"{where}.{field}") for field in fields}
        return {"class": name, "fields": state}

    def _array(self, array: AnyArray, where: str) -> Tree:
        if array.dtype not in _DTYPES or type(array) is not np.ndarray:
            raise NotKeepable(
                f"{where} is an array of {array.dtype}, which no envelope holds. "
                "Keep arrays of truths, integers or floats, one for each field of a record."
            )
        if id(array) in self._seen:
            return self._seen[id(array)][1]
        # Column-major arrays stay so: what is computed from them may round by their layout.
        columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
        number = str(len(self.arrays))
        tree = {"array": number, "columns_first": columns_first}
        self.arrays[number] = np.ascontiguousarray(array.T if columns_first else array).reshape(
            array.shape[::-1] if columns_first else array.shape
        )
        self._seen[id(array)] = (array, tree)
        return tree


def unpacked(tree: Tree, arrays: dict[str, AnyArray]) -> Any:
    """The value of a tree made by `Packer`.

    Raises:
        UnsupportedVersion: it holds a class, or a field, that this release does not know.
    """
    if not isinstance(tree, dict):
        return tree
    (kind, content), *_ = tree.items()
    match kind:
        case "float":
            return _NOT_FINITE[content]
        case "scalar":
            return unpacked(content, arrays)[()]
        case "array":
            return arrays[content].T if tree["columns_first"] else arrays[content]
        case "bytes":
            return unpacked(content, arrays).tobytes()
        case "tuple":
            return tuple(unpacked(item, arrays) for item in content)
        case "list":
            return [unpacked(item, arrays) for item in content]
        case "dict":
            return {unpacked(key, arrays): unpacked(item, arrays) for key, item in content}
        case "class":
            return _object(content, tree["fields"], arrays)
        case _:
            raise UnsupportedVersion(
                f"The envelope holds a value of the kind {kind!r}, which this release does not know. "
                "Load it with the release that made it, or train the model anew."
            )


def _object(name: str, fields: dict[str, Tree], arrays: dict[str, AnyArray]) -> Any:
    cls = class_of(name)
    known = {field.name for field in dataclasses.fields(cls) if field.init}
    if known != fields.keys():
        raise UnsupportedVersion(
            f"The envelope holds a {name} of another release: the fields "
            f"{', '.join(sorted(known ^ fields.keys()))} are in one and not in the other. "
            "Load it with the release that made it, or train the model anew."
        )
    return cls(**{field: unpacked(item, arrays) for field, item in fields.items()})
