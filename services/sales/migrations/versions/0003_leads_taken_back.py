"""Leads that marketing takes back: remembered, as word of it may come before the deal; their deals marked."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0003"
down_revision = "sales_0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "withdrawn_leads",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "cycle", name=op.f("pk_withdrawn_leads")),
    )
    op.add_column("deals", sa.Column("withdrawn_at", MOMENT, nullable=True))
