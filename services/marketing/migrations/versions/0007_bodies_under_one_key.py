"""A hash of every body, so that another body under a known key is seen; and content types kept whole."""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0007"
down_revision = "marketing_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows from before have none: it is made of their body when it is asked for.
    op.add_column("deliveries", sa.Column("body_sha256", sa.LargeBinary(), nullable=True))
    op.alter_column("deliveries", "content_type", type_=sa.String(length=300), existing_nullable=True)
    op.add_column("tallies", sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False))
