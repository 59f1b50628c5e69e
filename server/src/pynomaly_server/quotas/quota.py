"""What a quota is, the month it counts, and the problem of one that is used up."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, Self

from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings

Counted = Literal["requests", "rows"]
JOBS_RETRY_SECONDS: Final = 30
STORED_RETRY_SECONDS: Final = 3_600
_SECONDS_OF_A_DAY: Final = 86_400
_OF_A_MONTH: Final = {"requests": "requests", "rows": "scored rows"}


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant may use; None is as much as it likes.

    Attributes:
        requests: authenticated requests in a calendar month (UTC).
        rows: rows handed in to be scored in a calendar month (UTC).
        stored_bytes: bytes of all datasets and models.
        jobs: jobs that are queued or running.
    """

    requests: int | None = None
    rows: int | None = None
    stored_bytes: int | None = None
    jobs: int | None = None

    @classmethod
    def of_settings(cls, settings: Settings) -> Self:
        """What a tenant may use for whom nothing else is said; a setting of 0 is no quota."""
        return cls(
            requests=settings.quota_requests or None,
            rows=settings.quota_rows or None,
            stored_bytes=settings.quota_stored_bytes or None,
            jobs=settings.quota_jobs or None,
        )


NAMES: Final = tuple(field.name for field in fields(Quota))


def month_of(moment: datetime) -> str:
    """The month as counters name it, `2026-11`."""
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}-{moment.month:02}"  # every request asks; strftime takes ten times as long


def this_month() -> str:
    """The month that counts now."""
    return _month_of_day(int(time.time()) // _SECONDS_OF_A_DAY)


@lru_cache(maxsize=2)
def _month_of_day(day: int) -> str:
    return month_of(datetime.fromtimestamp(day * _SECONDS_OF_A_DAY, UTC))


def seconds_left(moment: datetime) -> int:
    """Whole seconds until the next month begins, rounded up."""
    moment = moment.astimezone(UTC)
    year, month = divmod(moment.year * 12 + moment.month, 12)
    return int((datetime(year, month + 1, 1, tzinfo=UTC) - moment).total_seconds()) + 1


def month_used_up(counted: Counted, quota: int, used: int, asked: int, now: datetime) -> ProblemError:
    """The problem of a request that would take more than is left of the month's quota."""
    return _exceeded(
        f"The tenant has used {used:,} of its {quota:,} {_OF_A_MONTH[counted]} of this month (UTC), and this "
        f"request needs {asked:,} more. Wait for the next month",
        seconds_left(now),
    )


def storage_used_up(quota: int, stored: int, size: int, what: str) -> ProblemError:
    """The problem of a `what`, such as a dataset, that does not fit any more."""
    return _exceeded(
        f"The tenant's datasets and models have {stored:,} bytes and this {what} has {size:,}; together they "
        f"may have {quota:,}. Delete datasets and versions of models that are not needed any more",
        STORED_RETRY_SECONDS,
    )


def no_room_for_a_model(quota: int, stored: int) -> ProblemError:
    """The problem of a training whose model would find no room."""
    return _exceeded(
        f"The tenant's datasets and models have {stored:,} bytes of the {quota:,} that they may have "
        "together, so that no model can be added. Delete datasets and versions of models that are not needed "
        "any more",
        STORED_RETRY_SECONDS,
    )


def jobs_used_up(quota: int) -> ProblemError:
    """The problem of one job too many."""
    return _exceeded(
        f"The tenant has {quota:,} jobs that have not ended, as many as it may. Wait for the end of one",
        JOBS_RETRY_SECONDS,
    )


def _exceeded(what: str, retry_after: int) -> ProblemError:
    return ProblemError(
        "quota-exceeded",
        f"{what}, or ask the operator of the server for a higher quota.",
        headers={"Retry-After": str(retry_after)},
    )
