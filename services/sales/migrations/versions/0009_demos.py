"""The sheets of demos, and how often an activity was moved. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0009"
down_revision = "sales_0008"
branch_labels = None
depends_on = None

LISTS = ("attendees", "material", "questions", "objections")
OBJECTIONS = ("price", "timing", "trust", "missing_feature", "security", "change", "authority", "other")


def upgrade() -> None:
    op.add_column("activities", sa.Column("moves", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "demos",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=80)),
        sa.Column("presenter_id", sa.Uuid()),
        *(sa.Column(name, postgresql.JSONB(), server_default="[]", nullable=False) for name in LISTS),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_demos_activity_id")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_demos")),
    )
    entries = sa.table(
        "list_entries",
        *(sa.column(name) for name in ("list", "key", "name", "position", "needs_note")),
    )
    op.bulk_insert(
        entries,
        [
            {
                "list": "objections",
                "key": key,
                "name": key.replace("_", " ").capitalize(),
                "position": place,
                "needs_note": key == "other",
            }
            for place, key in enumerate(OBJECTIONS)
        ],
    )
