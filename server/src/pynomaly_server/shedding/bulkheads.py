"""Bounds how many requests of a class are in hand at once, before anything is spent on one more."""

from __future__ import annotations

from typing import Final

from pynomaly_server.contract.operations import Operation
from pynomaly_server.shedding.lane import Lane

IN_HAND: Final = {"uploadDataset": 32, "importModel": 32, "detection": 512, "jobs": 1_024}
"""Requests of a process at once, by operation or by group; those of `jobs` may be waiting for a job's end."""
IN_HAND_ELSEWHERE: Final = 256
ALWAYS_SERVED: Final = frozenset({"system"})


class Bulkheads:
    """Gives each class of operations a lane without a queue; what says how the server is has none.

    A class is an operation with a number of its own in `IN_HAND`, else its group (`x-pynomaly.breaker`).
    """

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    def lane_of(self, operation: Operation) -> Lane | None:
        """The lane in which requests of an operation are; None for those that are always served."""
        if operation.breaker in ALWAYS_SERVED:
            return None
        name = operation.operation_id if operation.operation_id in IN_HAND else operation.breaker
        lane = self._lanes.get(name)
        if lane is None:
            places = IN_HAND.get(name, IN_HAND_ELSEWHERE)
            lane = self._lanes[name] = Lane(f"requests of {name}", places=places, most_waiting=0)
        return lane
