"""Whose a deal is: what a rep has is found by it. The old code goes on beside it."""

from alembic import op

revision = "marketing_0023"
down_revision = "marketing_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_deals_rep_id")  # of a try that was broken off
        op.execute("CREATE INDEX CONCURRENTLY ix_deals_rep_id ON deals (rep_id)")
        op.execute("SET lock_timeout = '3s'")
