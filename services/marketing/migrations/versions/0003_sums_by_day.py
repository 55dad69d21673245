"""Leads, MQLs and won deals by day, so that reports cost the same however many there are.

Stop marketing's worker before and start the new one after: what the old one writes meanwhile is in no sum.
`leadloop reconcile` would show it, and docs/reconcile.md says how to make the sums again.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0003"
down_revision = "marketing_0002"
branch_labels = None
depends_on = None

NIL = "00000000-0000-0000-0000-000000000000"
LEADS = f"""
INSERT INTO lead_days (day, campaign_id, channel, shard, leads, mqls)
SELECT day, coalesce(campaign_id, '{NIL}'), channel, 0, sum(leads), sum(mqls)
FROM (
    SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, campaign_id, channel, 1 AS leads, 0 AS mqls
    FROM leads
    UNION ALL
    SELECT (qualified_at AT TIME ZONE 'UTC')::date, campaign_id, channel, 0, 1
    FROM lead_cycles WHERE cycle = 1 AND qualified_at IS NOT NULL
) AS one
GROUP BY 1, 2, 3
"""
DEALS = """
INSERT INTO deal_days (currency, day, deals, amount_minor)
SELECT reporting_currency, closed_on, count(*), sum(reporting_amount_minor)
FROM deals WHERE outcome = 'won' GROUP BY 1, 2
"""


def upgrade() -> None:
    # Transactions that have begun end first, and none begins, so that the sums are whole.
    op.execute("LOCK TABLE leads, lead_cycles, deals IN SHARE ROW EXCLUSIVE MODE")
    op.create_table(
        "lead_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("leads", sa.BigInteger(), nullable=False),
        sa.Column("mqls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "campaign_id", "channel", "shard", name="pk_lead_days"),
    )
    op.create_table(
        "deal_days",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("deals", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name="pk_deal_days"),
    )
    op.execute(LEADS)
    op.execute(DEALS)
