"""A fitted detector or pipeline to bytes and back; the header says what it is without loading it."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import numpy as np
import safetensors.numpy

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.envelope.errors import UnsupportedVersion
from pynomaly_server.detectors.envelope.sealing import seal, unseal
from pynomaly_server.detectors.envelope.state import Packer, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIBRARIES: Final = ("pynomaly-server", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Header:
    """What an envelope says of its content.

    `algorithm` is the canonical name (None for a bare detector of which it was not said) with its
    `parameters`, `libraries` the versions it was made with, `features` the columns of a pipeline, each with
    `name`, `type` and `used`, and `score_map` its `threshold` and `contamination`; the last two are empty for
    a bare detector.
    """

    algorithm: str | None
    parameters: dict[str, Any]
    libraries: dict[str, str]
    features: list[dict[str, Any]]
    score_map: dict[str, float]


@runtime_checkable
class Described(Protocol):
    """A model that tells its own header, as a pipeline does."""

    algorithm: str
    parameters: dict[str, Any]

    def described_features(self) -> list[dict[str, Any]]:
        """For each column of the training table its `name`, its `type` and whether it is `used`."""
        ...

    def described_score_map(self) -> dict[str, float]:
        """`threshold` (raw) and `contamination`."""
        ...


def dumps(
    model: object,
    key: bytes,
    *,
    algorithm: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> bytes:
    """A fitted detector or pipeline in a signed envelope; `key` is a secret of at least 32 bytes.

    A pipeline knows its algorithm and parameters; of a bare detector they may be said, for the header.

    Raises:
        UnknownAlgorithm: there is no such algorithm.
        NotKeepable: it holds something other than arrays, plain values and allowed dataclasses.
        ValueError: the key is too short.
    """
    packer = Packer()
    state = packer.tree(model, type(model).__name__)
    header = {
        "algorithm": registry.get(algorithm).name if algorithm is not None else None,
        "parameters": dict(parameters or {}),
        "libraries": _libraries(),
        "features": [],
        "score_map": {},
        "state": state,
    }
    if isinstance(model, Described):
        header |= {
            "algorithm": model.algorithm,
            "parameters": model.parameters,
            "features": model.described_features(),
            "score_map": model.described_score_map(),
        }
    text = json.dumps(header, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    # Surrogates that a column's name or a category may hold survive; UTF-8 proper would refuse them.
    return seal(text.encode("utf-8", "surrogatepass"), safetensors.numpy.save(packer.arrays), key)


def loads(data: bytes | memoryview, key: bytes) -> Any:
    """The model of an envelope, scoring bit for bit as the one that was kept.

    Raises:
        CorruptEnvelope: the bytes are no envelope, or were cut short.
        BadSignature: a byte was changed, or the key is another one.
        UnsupportedVersion: its form or its classes are not known to this release.
        UnknownAlgorithm: its algorithm is not installed here.
        ValueError: the key is too short.
    """
    header, arrays = unseal(data, key)
    content = _parsed(header)
    if content["algorithm"] is not None:
        registry.get(content["algorithm"])
    loaded: dict[str, np.ndarray[Any, Any]] = safetensors.numpy.load(bytes(arrays))
    try:
        return unpacked(content["state"], loaded)
    except (KeyError, TypeError, ValueError) as error:
        # Signed, so made by us: a value whose meaning has changed since.
        raise UnsupportedVersion(
            f"The envelope does not fit this release ({type(error).__name__}: {error}). "
            f"It was made with {content['libraries']}; load it there, or train the model anew."
        ) from error


def read_header(data: bytes | memoryview, key: bytes) -> Header:
    """What an envelope says of its content, verified but not loaded.

    Raises:
        CorruptEnvelope, BadSignature, UnsupportedVersion, ValueError: as `loads`.
    """
    header, _ = unseal(data, key)
    content = _parsed(header)
    return Header(
        content["algorithm"],
        content["parameters"],
        content["libraries"],
        content["features"],
        content["score_map"],
    )


def _parsed(header: memoryview) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bytes(header).decode("utf-8", "surrogatepass"))
    return content


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
