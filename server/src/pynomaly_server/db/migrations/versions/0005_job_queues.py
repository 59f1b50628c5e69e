"""The queue that a job waits in, and when a tenant's last job was claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("queue", sa.String(length=16), nullable=False, server_default="small"))
    # The border as it is by default; a job in the other queue is worked on just as well.
    op.execute("UPDATE jobs SET queue = 'large' WHERE total > 20000")
    op.create_index(
        "ix_jobs_tenant_id_state_queue_id", "jobs", ["tenant_id", "state", "queue", "id"], unique=False
    )
    op.add_column("tenants", sa.Column("served_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("tenants", "served_at")
    op.drop_index("ix_jobs_tenant_id_state_queue_id", table_name="jobs")
    op.drop_column("jobs", "queue")
