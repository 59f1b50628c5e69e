"""When a job began to score and when it last came further, for the rate of its progress."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("scoring_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "done_at")
    op.drop_column("jobs", "scoring_since")
