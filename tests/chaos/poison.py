"""An algorithm that ends its process at certain data, installed as any algorithm of others is."""

from __future__ import annotations

from pathlib import Path

NAME = "poison"
VALUE = 1e9
MODULE = """
import os
import signal

from pynomaly_server.detectors import BaseAnomalyDetector


class Poison(BaseAnomalyDetector):
    name = "poison"
    title = "Poison"
    description = "Ends its process at large values, as a fault in native code may."
    reference = "Made for tests, 2026"

    def fit(self, X):
        if X.max() > 1e6:
            os.kill(os.getpid(), signal.SIGKILL)

    def decision_function(self, X):
        return X[:, 0]
"""
# Imported by every Python at its start. What a process reads from `time.time` jumps by an hour, to and fro.
SITE = """
import os
import time

if os.environ.get("CHAOS_CLOCK"):
    real = time.time

    def stepping():
        now = real()
        return now + (3600.0, 0.0, -3600.0)[int(now / 2) % 3]

    time.time = stepping
"""


def install(folder: Path) -> None:
    """Make `folder`, to be put on the path, into what an installed distribution looks like."""
    described = folder / "poison-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "poison_detector.py").write_text(MODULE)
    (folder / "sitecustomize.py").write_text(SITE)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[pynomaly.detectors]\npoison = poison_detector:Poison\n")
