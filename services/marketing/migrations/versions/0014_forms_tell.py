"""How a form does, what its page shows and where it sends people; and the indexes by which it is counted.

The indexes are made while the doors write on. One that a broken try has left behind is made anew.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "marketing_0014"
down_revision = "marketing_0013"
branch_labels = None
depends_on = None

TEXTS = postgresql.ARRAY(sa.Text())
COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("error_url", sa.Text()),
    sa.Column("fields", TEXTS, server_default="{name,email,phone,company,message}", nullable=False),
    sa.Column("title", sa.String(length=200)),
    sa.Column("texts", postgresql.JSONB(), server_default="{}", nullable=False),
    sa.Column("consent_text", sa.Text()),
    sa.Column("consent_text_version", sa.String(length=40)),
    sa.Column("consent_purpose", sa.String(length=20), server_default="marketing_email", nullable=False),
    sa.Column("frame_origins", TEXTS, server_default="{}", nullable=False),
    sa.Column("state", sa.String(length=12), server_default="ok", nullable=False),
    sa.Column("state_reason", sa.String(length=300)),
    sa.Column("state_since", sa.DateTime(timezone=True)),
)
INDEXES = {
    "ix_submissions_source_id_received_at": "submissions (source_id, received_at)",
    "ix_deliveries_notices": "deliveries (source_id, id) WHERE state = 'notice'",
}


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("forms", column)
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        for name, of in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
        op.execute("SET lock_timeout = '3s'")
