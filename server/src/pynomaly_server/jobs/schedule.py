"""What a worker does next: a whole job, or a shard of one that is shared out."""

from __future__ import annotations

import time
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobRow, JobShardRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.light.claims import LightBatch
from pynomaly_server.jobs.light.rules import MOST_TOGETHER
from pynomaly_server.jobs.light.table import LightJobs
from pynomaly_server.jobs.queues import OF_TENANT, JobQueue, first_in_line, ready, tenants_in_turn
from pynomaly_server.jobs.shards.claims import ShardClaim
from pynomaly_server.jobs.shards.table import Shards, first_ready

_ROUNDS: Final = 20
_ROUND_SECONDS: Final = 0.02


class Schedule:
    """Hands out work in turn: the tenant's, and what a job has begun before what nobody has."""

    def __init__(self, attempts: Attempts, shards: Shards, light: LightJobs | None = None) -> None:
        self._attempts = attempts
        self._shards = shards
        self._light = light

    def claim_next(self, queue: JobQueue) -> Attempt | LightBatch | ShardClaim | None:
        """Take the next work in `queue` of the tenant whose turn it is; None where there is none.

        Where there is `light` and that is a light job, it is taken with others of that tenant:
        `MOST_TOGETHER`, or the share of one tenant where more of them wait.
        """
        for _ in range(_ROUNDS):
            with self._attempts.sessions.write() as session:
                tenants = session.execute(tenants_in_turn(queue)).all()
                for tenant_id, has_shards in tenants:
                    shards = _shard_in_line(queue) if has_shards else None
                    most = MOST_TOGETHER // len(tenants)
                    claim = self._claim_of(session, tenant_id, queue, shards, most)
                    if claim is not None:
                        if len(tenants) > 1:  # or there are no turns, and no need to wait for the row
                            session.execute(
                                sa.update(TenantRow)
                                .where(TenantRow.id == tenant_id)
                                .values(served_at=utc_now())
                            )
                        session.commit()
                        return claim
            if not tenants:
                return None
            # Somebody else has just taken, or is about to change, all that these tenants have.
            time.sleep(_ROUND_SECONDS)
        return None

    def _claim_of(
        self,
        session: Session,
        tenant_id: str,
        queue: JobQueue,
        shards: sa.Select[str, int, int] | None,
        most: int,
    ) -> Attempt | LightBatch | ShardClaim | None:
        if shards is not None:
            shard = self._shards.claim_in(session, shards, of_tenant=tenant_id)
            if shard is not None:
                return shard
        attempt = self._attempts.claim_in(session, first_in_line(queue), of_tenant=tenant_id)
        if attempt is None or not attempt.light or self._light is None:
            return attempt
        return self._light.claim_in(session, attempt, most - 1)


@cache
def _shard_in_line(queue: JobQueue) -> sa.Select[str, int, int]:
    """The next shard of `OF_TENANT`.

    One that ended its worker lines up behind the jobs that were waiting by then, as a job does.
    """
    older = (
        sa.exists()
        .where(
            JobRow.tenant_id == JobShardRow.tenant_id,
            JobRow.queue == JobShardRow.queue,
            JobRow.crashes == 0,
            JobRow.created_at < JobShardRow.retry_at,
            *ready(),
        )
        .correlate(JobShardRow)
    )
    return first_ready(
        JobShardRow.tenant_id == OF_TENANT,
        JobShardRow.queue == queue,
        sa.or_(JobShardRow.crashes == 0, ~older),
    )
