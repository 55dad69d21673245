"""Money as a ledger: what was paid back, voids, and what is invoiced. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0007"
down_revision = "sales_0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = {
    "uq_payments_reference": "CREATE UNIQUE INDEX CONCURRENTLY uq_payments_reference ON payments "
    "(deal_id, reference) WHERE voids IS NULL AND voided_at IS NULL",
    "ix_payments_deal_id": "CREATE INDEX CONCURRENTLY ix_payments_deal_id ON payments (deal_id, paid_on, id)",
    "uq_payments_voids": "CREATE UNIQUE INDEX CONCURRENTLY uq_payments_voids ON payments (voids)",
}


def upgrade() -> None:
    op.add_column(
        "payments", sa.Column("kind", sa.String(length=12), server_default="payment", nullable=False)
    )
    op.add_column("payments", sa.Column("voids", sa.Uuid()))
    op.add_column("payments", sa.Column("voided_at", MOMENT))
    op.add_column("payments", sa.Column("reason", sa.String(length=80)))
    op.create_foreign_key(op.f("fk_payments_voids"), "payments", "payments", ["voids"], ["id"])
    op.add_column("deals", sa.Column("gross_minor", sa.BigInteger()))
    # Every row holds: it is null in each.
    op.execute(
        "ALTER TABLE deals ADD CONSTRAINT ck_deals_taxes_on_top CHECK (gross_minor >= amount_minor) NOT VALID"
    )
    op.execute("ALTER TABLE deals VALIDATE CONSTRAINT ck_deals_taxes_on_top")
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        for name, index in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(index)
        op.execute("SET lock_timeout = '3s'")
    op.execute("ALTER TABLE payments ADD CONSTRAINT uq_payments_voids UNIQUE USING INDEX uq_payments_voids")
    op.execute("ALTER TABLE payments DROP CONSTRAINT IF EXISTS uq_payments_deal_id_reference")
