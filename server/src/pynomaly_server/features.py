"""What an operator can switch off for a while, so that a server goes on with everything else.

A switch keeps out what is new. What was accepted before goes on: jobs end, models answer, results are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from pynomaly_server.problems import ProblemError


class Feature(StrEnum):
    """A name in `PYNOMALY_FEATURES_OFF`."""

    BATCH_JOBS = "batch-jobs"
    DEEP_ALGORITHMS = "deep-algorithms"
    REMOTE_SOURCES = "remote-sources"
    SHADOW_TRAFFIC = "shadow-traffic"
    TRAININGS = "trainings"
    UPLOADS = "uploads"


_WHAT: Final = {
    Feature.BATCH_JOBS: "batch jobs",
    Feature.DEEP_ALGORITHMS: "fits of algorithms that train networks",
    Feature.REMOTE_SOURCES: "jobs whose data sources lie elsewhere",
    Feature.SHADOW_TRAFFIC: "predictions by shadows",
    Feature.TRAININGS: "trainings",
    Feature.UPLOADS: "datasets and imported models",
}
SWITCHED_OFF: Final = "switched-off"
"""The code of the problem."""
ALLOWED: Final = f"any of {', '.join(Feature)}, separated by commas"


def switched_off(names: str) -> frozenset[Feature]:
    """The features that are named, with commas between them.

    Raises:
        ValueError: a name is that of no feature.
    """
    return frozenset(Feature(name.strip().lower()) for name in names.split(",") if name.strip())


class Features:
    """The switches of one process; asking costs no more than a look into a set."""

    def __init__(self, off: Iterable[Feature] = ()) -> None:
        self._off = frozenset(off)

    def switch_off(self, off: Iterable[Feature]) -> None:
        """Switch off these and switch on all others; holds from the next request on."""
        self._off = frozenset(off)

    def is_on(self, feature: Feature) -> bool:
        """Whether the feature is to be had now."""
        return feature not in self._off

    def check(self, feature: Feature) -> None:
        """Refuse where the feature is off; raises `ProblemError` `switched-off`."""
        if feature in self._off:
            raise ProblemError(
                SWITCHED_OFF,
                f"This server takes no new {_WHAT[feature]} now: its operator has switched off {feature!s}. "
                "What was accepted before goes on. Try again later, or ask the operator.",
            )
