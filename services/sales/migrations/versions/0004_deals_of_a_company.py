"""A company's open deals are found for the page of each. The old code goes on beside it."""

from alembic import op

revision = "sales_0004"
down_revision = "sales_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_deals_company_id")
        op.execute("CREATE INDEX CONCURRENTLY ix_deals_company_id ON deals (company_id) WHERE state = 'open'")
        op.execute("SET lock_timeout = '3s'")
