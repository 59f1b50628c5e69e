"""The idempotency key that a dataset was uploaded with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("datasets", sa.Column("idempotency_key", sa.String(length=255), nullable=True))
    op.add_column("datasets", sa.Column("request_hash", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_datasets_tenant_id_idempotency_key", "datasets", ["tenant_id", "idempotency_key"], unique=True
    )


def downgrade() -> None:
    op.drop_index("ix_datasets_tenant_id_idempotency_key", table_name="datasets")
    op.drop_column("datasets", "request_hash")
    op.drop_column("datasets", "idempotency_key")
