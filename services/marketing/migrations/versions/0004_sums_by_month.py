"""Credited revenue by month, so that a report of years reads hundreds of rows, not ten thousands.

Stop marketing's worker before and start the new one after: what the old one writes meanwhile is in no month.
`leadloop reconcile` would show it, and docs/reconcile.md says how to make the sums again.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0004"
down_revision = "marketing_0003"
branch_labels = None
depends_on = None

MONTHS = """
INSERT INTO campaign_months (basis, currency, model, month, campaign_id, channel, bucket, revenue_minor,
                             deals_ppm)
SELECT basis, currency, model, date_trunc('month', day::timestamp)::date, campaign_id, channel, bucket,
       sum(revenue_minor), sum(deals_ppm)
FROM campaign_days GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def upgrade() -> None:
    # Transactions that have begun end first, and none begins, so that the sums are whole.
    op.execute("LOCK TABLE campaign_days IN SHARE ROW EXCLUSIVE MODE")
    op.create_table(
        "campaign_months",
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=False),
        sa.Column("deals_ppm", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "basis",
            "currency",
            "model",
            "month",
            "campaign_id",
            "channel",
            "bucket",
            name="pk_campaign_months",
        ),
    )
    op.execute(MONTHS)
