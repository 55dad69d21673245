"""Who holds whom. What is known of it already is taken over from the cycles of leads and from deals.

The old code runs beside and does not know these tables: what it hears meanwhile `leadloop holds complete`
adds, and the reps, whom only handoff knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0020"
down_revision = "marketing_0019"
branch_labels = None
depends_on = None

DEALS = """
INSERT INTO contact_holds (source_id, contact_id, kind, version, lead_id, cycle, rep_id, state)
SELECT DISTINCT d.deal_id, c, 'deal', d.version, d.lead_id, d.cycle, d.rep_id, coalesce(d.outcome, 'open')
FROM deals d, unnest(d.contact_ids) AS c
"""
# When an offer ends is known to handoff; a day is the longest there is by default.
LEADS = """
INSERT INTO contact_holds (source_id, contact_id, kind, version, lead_id, cycle, rep_id, state, until)
SELECT l.id, l.contact_id, 'lead', c.handoff_version, l.id, c.cycle, c.rep_id,
       CASE WHEN c.returned_at IS NOT NULL THEN 'returned' WHEN c.accepted_at IS NOT NULL THEN 'accepted'
            ELSE 'offered' END,
       CASE WHEN c.returned_at IS NOT NULL THEN c.returned_at
            WHEN c.accepted_at IS NULL THEN least(c.assigned_at + interval '1 day', c.withdrawn_at) END
FROM leads l JOIN LATERAL (
    SELECT * FROM lead_cycles WHERE lead_id = l.id AND handoff_version > 0 ORDER BY cycle DESC LIMIT 1
) c ON true
"""


def upgrade() -> None:
    op.create_table(
        "contact_holds",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid()),
        sa.Column("cycle", sa.SmallInteger()),
        sa.Column("rep_id", sa.Uuid()),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("source_id", "contact_id", name=op.f("pk_contact_holds")),
    )
    op.create_table(
        "holders",
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("manager_subject", sa.String()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rep_id", name=op.f("pk_holders")),
    )
    op.execute(DEALS)
    op.execute(LEADS)
    op.create_index(op.f("ix_contact_holds_contact_id"), "contact_holds", ["contact_id"])
    op.create_index(op.f("ix_holders_subject"), "holders", ["subject"])
