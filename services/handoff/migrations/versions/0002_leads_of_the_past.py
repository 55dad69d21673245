"""Leads of the past: kept without being offered, offered after live ones, counted in a ledger of their own.

Beside it the code before goes on: it knows fewer states, and never writes the new ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "handoff_0002"
down_revision = "handoff_0001"
branch_labels = None
depends_on = None

LEAD_STATES = "state IN ('held', 'pool', 'offered', 'accepted', 'returned', 'closed', 'superseded')"


def upgrade() -> None:
    _widen("leads", "ck_leads_known_state", LEAD_STATES)
    _widen("ledgers", "ck_ledgers_known_band", "band IN ('hot', 'warm', 'backfill')")
    op.create_index(
        "ix_leads_pool_served",
        "leads",
        ["team_id", "backfilled", "band", sa.text("qualified_at DESC")],
        unique=False,
        postgresql_where=sa.text("state = 'pool'"),
    )
    op.create_index(
        "ix_leads_held", "leads", ["lead_id"], unique=False, postgresql_where=sa.text("state = 'held'")
    )


def _widen(table: str, name: str, condition: str) -> None:
    """The rows there are need no look: what held before holds under a wider condition."""
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
