"""Whose result a closed deal is, what was put off, and every change. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0006"
down_revision = "sales_0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("deals", sa.Column("sourced_by", sa.Uuid()))
    op.add_column("deals", sa.Column("closed_rep_id", sa.Uuid()))
    op.add_column("deals", sa.Column("closed_team_id", sa.Uuid()))
    op.add_column("deals", sa.Column("title", sa.String(length=200)))
    texts = postgresql.ARRAY(sa.String(length=80))
    op.add_column("deals", sa.Column("tags", texts, server_default="{}", nullable=False))
    op.add_column("deals", sa.Column("close_pushes", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "deal_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_changes_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_changes")),
    )
    op.create_index("ix_deal_changes_deal_id", "deal_changes", ["deal_id", "recorded_at", "id"])
