"""Attempts to reach a lead, as sales tells them, beside what reps state. The old code states as before."""

import sqlalchemy as sa
from alembic import op

revision = "handoff_0004"
down_revision = "handoff_0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lead_attempts",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("rep_id", sa.Uuid()),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_lead_attempts")),
    )
    op.create_index("ix_lead_attempts_lead_id_cycle", "lead_attempts", ["lead_id", "cycle"])
    op.add_column("leads", sa.Column("response_activity_id", sa.Uuid()))
    op.add_column("leads", sa.Column("stated_at", MOMENT))
    op.add_column("leads", sa.Column("stated_channel", sa.String(length=80)))
    op.add_column("leads", sa.Column("connected_at", MOMENT))
