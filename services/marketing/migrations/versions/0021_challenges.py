"""Whether a form asks a challenge, and with which key of its widget. The old code reads forms as before."""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0021"
down_revision = "marketing_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("forms", sa.Column("challenge", sa.String(length=12)))
    op.add_column("forms", sa.Column("challenge_site_key", sa.String(length=200)))
