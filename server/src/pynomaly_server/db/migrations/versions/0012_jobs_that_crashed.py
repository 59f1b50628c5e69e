"""Finds the jobs that were given back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given_back = sa.text("retry_at IS NOT NULL")
    op.create_index(
        "ix_jobs_tenant_id_queue_retry_at",
        "jobs",
        ["tenant_id", "queue", "retry_at"],
        unique=False,
        postgresql_where=given_back,
        sqlite_where=given_back,
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_tenant_id_queue_retry_at", table_name="jobs")
