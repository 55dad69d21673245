"""When what was sent went because its days were over; and what people corrected in contacts and companies.

The indexes hold only what is still there to go, and are made while the doors write on. Old code that runs
beside knows no corrections: what it takes from a form may stand in the place of one until it is stopped.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0018"
down_revision = "marketing_0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = {
    "ix_deliveries_bodies": "deliveries (received_at) "
    "WHERE body IS NOT NULL AND state IN ('read', 'repeat', 'notice')",
    "ix_submissions_kept": "submissions (received_at) "
    "WHERE captured IS NOT NULL AND state IN ('created', 'merged')",
    "ix_submissions_kept_refused": "submissions (received_at) "
    "WHERE captured IS NOT NULL AND state IN ('rejected', 'quarantined')",
}


def upgrade() -> None:
    for table in ("deliveries", "submissions"):
        op.add_column(table, sa.Column("cleared_at", MOMENT, nullable=True))
    for table in ("contacts", "companies"):
        op.add_column(table, sa.Column("corrected", postgresql.JSONB(), nullable=True))
    op.add_column("companies", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "company_domains",
        sa.Column("domain", sa.String(length=190), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_company_domains_company_id"),
        sa.PrimaryKeyConstraint("domain", name="pk_company_domains"),
    )
    op.create_index("ix_company_domains_company_id", "company_domains", ["company_id"])
    for name, of, target in (
        ("contact_history", "contact_id", "contacts"),
        ("company_history", "company_id", "companies"),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column(of, sa.Uuid(), nullable=False),
            sa.Column("kind", sa.String(length=10), nullable=False),
            sa.Column("field", sa.String(length=20), nullable=False),
            sa.Column("before", sa.Text(), nullable=True),
            sa.Column("after", sa.Text(), nullable=True),
            sa.Column("by", sa.String(length=200), nullable=True),
            sa.Column("at", MOMENT, nullable=False),
            sa.ForeignKeyConstraint([of], [f"{target}.id"], name=f"fk_{name}_{of}"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
        op.create_index(f"ix_{name}_{of}", name, [of, "at", "id"])
        op.create_index(
            f"uq_{name}_offered",
            name,
            [of, "field", "after"],
            unique=True,
            postgresql_where=sa.text("kind = 'offered'"),
        )
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        for index, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.execute(f"CREATE INDEX CONCURRENTLY {index} ON {on}")
        op.execute("SET lock_timeout = '3s'")
