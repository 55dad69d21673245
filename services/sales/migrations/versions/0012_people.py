"""The parts that people have in a decision. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0012"
down_revision = "sales_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    roles = sa.Column("contact_roles", postgresql.JSONB(), server_default="{}", nullable=False)
    op.add_column("deals", roles)
