"""When a model is due to be trained anew, and when its alias is to be taken back; without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pynomaly_server.models.drift.measures import LEAST_ROWS

if TYPE_CHECKING:
    from pynomaly_server.contract.structs import ModelDrift, RetrainingRule

ASKED: Final = "asked for by a call"


@dataclass(frozen=True, slots=True)
class Watched:
    """A version that an alias has just moved to, and what it did since."""

    version: int
    n_rows: int
    n_anomalies: int
    n_errors: int


def due(
    rule: RetrainingRule,
    since: datetime,
    last_run_at: datetime | None,
    now: datetime,
    drift: ModelDrift | None,
) -> str | None:
    """Why a training is due now; None where none is.

    Args:
        rule: The rule.
        since: When it was made or changed.
        last_run_at: When a training by it began last.
        now: The time.
        drift: That of the alias' version, where the rule asks for it.
    """
    last = last_run_at or since
    if rule.every_hours is not None and now >= last + timedelta(hours=rule.every_hours):
        return f"{rule.every_hours:,} hours have passed"
    if rule.when_psi_over is None or drift is None or drift.psi is None:
        return None
    rested = last_run_at is None or now >= last_run_at + timedelta(hours=rule.rest_hours)
    if rested and drift.psi > rule.when_psi_over:
        return f"the index of {drift.psi_column} is {drift.psi:.2f}, over {rule.when_psi_over:g}"
    return None


def alarming(rule: RetrainingRule, share_before: float, watched: Watched) -> str | None:
    """Why an alias is to be taken back; None while there is no reason."""
    if watched.n_errors >= rule.most_errors:
        return f"version {watched.version} failed {watched.n_errors:,} predictions"
    if watched.n_rows < LEAST_ROWS:
        return None
    share = watched.n_anomalies / watched.n_rows
    if share > share_before + rule.most_alert_rise:
        return (
            f"version {watched.version} predicts {share:.1%} of {watched.n_rows:,} rows anomalous, "
            f"where it was {share_before:.1%} before"
        )
    return None
