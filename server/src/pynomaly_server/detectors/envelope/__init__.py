"""Keeps fitted detectors and pipelines as signed bytes, and reads back only what was signed.

Knows the shape of a fitted detector (dataclasses of arrays and plain values), no single class of them.
"""

from pynomaly_server.detectors.envelope.classes import allow
from pynomaly_server.detectors.envelope.errors import (
    BadSignature,
    CorruptEnvelope,
    EnvelopeError,
    NotKeepable,
    UnsupportedVersion,
)
from pynomaly_server.detectors.envelope.model import Header, dumps, loads, read_header
from pynomaly_server.detectors.envelope.sealing import SIGNATURE_BYTES, signer

__all__ = [
    "SIGNATURE_BYTES",
    "BadSignature",
    "CorruptEnvelope",
    "EnvelopeError",
    "Header",
    "NotKeepable",
    "UnsupportedVersion",
    "allow",
    "dumps",
    "loads",
    "read_header",
    "signer",
]
