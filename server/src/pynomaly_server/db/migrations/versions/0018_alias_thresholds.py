"""Thresholds of aliases."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("model_aliases", "model_alias_changes")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("threshold", sa.Float(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "threshold")
