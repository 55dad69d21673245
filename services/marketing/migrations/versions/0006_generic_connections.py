"""Settings that only one kind of connection has, such as how a generic webhook is signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0006"
down_revision = "marketing_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "connections",
        sa.Column("settings", postgresql.JSONB(), server_default="{}", nullable=False),
    )
