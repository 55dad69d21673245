"""What of a cycle is of the past: held by handoff until the person writes, or routed because somebody asked.

And an index of the deliveries set aside, which are counted every few seconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0011"
down_revision = "marketing_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead_cycles", sa.Column("backfill", sa.String(length=8), nullable=True))
    op.create_index(
        "ix_deliveries_unreadable",
        "deliveries",
        ["id"],
        unique=False,
        if_not_exists=True,
        postgresql_where=sa.text("state = 'unreadable'"),
    )
