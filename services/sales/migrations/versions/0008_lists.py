"""What people choose from; what was chosen before is on it, too. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0008"
down_revision = "sales_0007"
branch_labels = None
depends_on = None

REASONS = (
    ("price", "Too expensive"),
    ("budget", "No budget"),
    ("timing", "Not now"),
    ("no_need", "No need"),
    ("product_fit", "Something is missing"),
    ("competitor", "Went to a competitor"),
    ("no_decision", "Nobody decided"),
    ("unresponsive", "Did not answer any more"),
    ("other", "Another reason"),
)
USED = """
INSERT INTO list_entries (list, key, name, position)
SELECT DISTINCT '{list}', {column}, {column}, 100 FROM deals WHERE state = 'lost' AND {column} IS NOT NULL
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    entries = op.create_table(
        "list_entries",
        sa.Column("list", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("needs_note", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("list", "key", name=op.f("pk_list_entries")),
    )
    op.bulk_insert(
        entries,
        [
            {
                "list": "loss_reasons",
                "key": key,
                "name": name,
                "position": place,
                "needs_note": key == "other",
            }
            for place, (key, name) in enumerate(REASONS)
        ],
    )
    op.execute(USED.format(list="loss_reasons", column="reason"))
    op.execute(USED.format(list="competitors", column="competitor"))
