"""What came before a rep meets a person: who has the deals of a company. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0022"
down_revision = "marketing_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holders", sa.Column("display_name", sa.String()))
    # Longer: only its description changes, no row. A rep's claim holds a person, too.
    op.alter_column("contact_holds", "kind", type_=sa.String(length=12), existing_type=sa.String(length=4))
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_deals_company_id")  # of a try that was broken off
        op.execute("CREATE INDEX CONCURRENTLY ix_deals_company_id ON deals (company_id)")
        op.execute("SET lock_timeout = '3s'")
