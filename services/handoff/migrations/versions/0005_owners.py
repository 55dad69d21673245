"""Who has a deal that was handed over, and who its lead was offered to. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "handoff_0005"
down_revision = "handoff_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignments", sa.Column("offered_to", sa.Uuid()))
    op.add_column("deals", sa.Column("rep_id", sa.Uuid()))
