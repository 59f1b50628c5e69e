"""The count that the fault programme ends with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Tally:
    """What became of the jobs."""

    submitted: int
    lost: list[str]
    duplicated: list[str]
    unfinished: list[str]
    states: dict[str, int]
    given_up: list[str]
    poison: list[tuple]
    sharded: int
    left_behind: list[str]
    faults: dict[str, int]
    settled_after: float

    def __str__(self) -> str:
        done = ", ".join(f"{count} x {name}" for name, count in sorted(self.faults.items()))
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return (
            f"{self.submitted} jobs ({self.sharded} in shards): {states}; "
            f"all ended {self.settled_after:.0f} s after the last fault\n"
            f"faults: {done}\n"
            f"lost {len(self.lost)}, duplicated {len(self.duplicated)}, unfinished {len(self.unfinished)}"
        )
