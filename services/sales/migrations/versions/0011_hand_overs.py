"""Reps ask colleagues to take deals. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0011"
down_revision = "sales_0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("from_rep_id", sa.Uuid(), nullable=False),
        sa.Column("to_rep_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid()),
        sa.Column("note", sa.Text()),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=80)),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_hand_overs_deal_id")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_hand_overs_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("uq_hand_overs_asked", "hand_overs", ["deal_id"], unique=True, postgresql_where=asked)
    op.create_index("ix_hand_overs_to_rep_id", "hand_overs", ["to_rep_id"], postgresql_where=asked)
    op.create_index("ix_hand_overs_from_rep_id", "hand_overs", ["from_rep_id"])
    op.create_index(op.f("ix_hand_overs_deal_id"), "hand_overs", ["deal_id"])
