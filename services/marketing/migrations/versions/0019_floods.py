"""What a form's posts are held against, marks of those above it, and hand-raisers in quarantine.

The old code runs beside: it reads deliveries in their order whatever their mark, by the index it has, which
stays. What was counted of hours before is counted here once.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0019"
down_revision = "marketing_0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ASKING = "state = 'quarantined' AND hand_raiser AND reason IS DISTINCT FROM 'withdrawn'"
INDEXES = {
    "ix_deliveries_in_turn": "deliveries (id) WHERE state = 'pending' AND mark IS DISTINCT FROM 'flood'",
    "ix_deliveries_last": "deliveries (id) WHERE state = 'pending' AND mark = 'flood'",
    "ix_submissions_asking": f"submissions (received_at, id) WHERE {ASKING}",
    "ix_submissions_alarms": f"submissions (id) WHERE {ASKING} AND alarmed_at IS NULL",
}
BEFORE = """
INSERT INTO form_hours (form_id, hour, arrivals)
SELECT f.id, date_trunc('hour', d.received_at, 'UTC'), count(*)
FROM forms f JOIN deliveries d ON d.source_id = f.id AND d.received_at >= now() - interval '28 days'
WHERE d.state <> 'notice' GROUP BY 1, 2
"""


def upgrade() -> None:
    op.add_column("forms", sa.Column("busiest_hour", sa.Integer(), server_default="0", nullable=False))
    op.add_column("forms", sa.Column("hour_began", MOMENT))
    op.add_column("forms", sa.Column("hour_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deliveries", sa.Column("mark", sa.String(length=12)))
    op.add_column("submissions", sa.Column("flag", sa.String(length=20)))
    op.add_column(
        "submissions", sa.Column("hand_raiser", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("submissions", sa.Column("alarmed_at", MOMENT))
    op.create_table(
        "form_hours",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("form_id", "hour", name=op.f("pk_form_hours")),
    )
    op.execute(BEFORE)
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        for name, of in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
        op.execute("SET lock_timeout = '3s'")
