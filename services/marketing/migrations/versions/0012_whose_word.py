"""Whose word a field of a person or a company is, and all the people one address or number leads to.

What was stored before counts as nobody's: an authenticated source may replace it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0012"
down_revision = "marketing_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("contacts", "companies"):
        op.add_column(
            table,
            sa.Column("authenticated", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        )
    op.add_column(
        "contact_keys", sa.Column("authenticated", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_table(
        "contact_key_holders",
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("authenticated", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_key_holders_contact_id"),
        sa.PrimaryKeyConstraint("kind", "value", "contact_id", name="pk_contact_key_holders"),
    )
    op.create_index("ix_contact_key_holders_contact_id", "contact_key_holders", ["contact_id"])
