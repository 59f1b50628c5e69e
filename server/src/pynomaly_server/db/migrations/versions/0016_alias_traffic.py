"""Aliases that share their requests between two versions, or have another version score them too."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES = ("model_aliases", "model_alias_changes")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("canary_version", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("canary_share", sa.Float(), nullable=True))
        op.add_column(table, sa.Column("shadow_version", sa.Integer(), nullable=True))
    op.add_column("model_alias_changes", sa.Column("reason", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("model_alias_changes", "reason")
    for table in _TABLES:
        for column in ("shadow_version", "canary_share", "canary_version"):
            op.drop_column(table, column)
