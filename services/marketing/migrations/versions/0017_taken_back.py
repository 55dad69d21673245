"""What was taken back: submissions, the cycles and leads that rested on them, and which cycle is the MQL."""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0017"
down_revision = "marketing_0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("submissions", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.add_column("lead_cycles", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.add_column("leads", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.add_column("leads", sa.Column("first_cycle", sa.SmallInteger(), server_default="1", nullable=False))
