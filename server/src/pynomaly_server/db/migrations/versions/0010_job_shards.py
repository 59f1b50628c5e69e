"""Shards of large jobs, and when the current attempt of a job was claimed and began to stage them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("staged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_jobs_staged_at", "jobs", ["staged_at"], unique=False)
    op.create_table(
        "job_shards",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("worker", sa.String(length=255), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("first_row", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("n_anomalies", sa.BigInteger(), nullable=True),
        sa.Column("output_key", sa.String(length=512), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'running', 'done')", name=op.f("ck_job_shards_state")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_shards_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "attempt", "number", name=op.f("pk_job_shards")),
    )
    op.create_index(
        "ix_job_shards_tenant_id_state_queue_job_id",
        "job_shards",
        ["tenant_id", "state", "queue", "job_id"],
        unique=False,
    )
    op.create_index("ix_job_shards_state_lease_until", "job_shards", ["state", "lease_until"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_job_shards_state_lease_until", table_name="job_shards")
    op.drop_index("ix_job_shards_tenant_id_state_queue_job_id", table_name="job_shards")
    op.drop_table("job_shards")
    op.drop_index("ix_jobs_staged_at", table_name="jobs")
    op.drop_column("jobs", "staged_at")
    op.drop_column("jobs", "claimed_at")
