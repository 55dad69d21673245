"""Leads that marketing takes back: a state of their own, and since when, for reports to leave them out.

Beside it the code before goes on: it knows fewer states, and never writes the new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "handoff_0003"
down_revision = "handoff_0002"
branch_labels = None
depends_on = None

NAME = "ck_leads_known_state"
STATES = "state IN ('held', 'pool', 'offered', 'accepted', 'returned', 'closed', 'superseded', 'withdrawn')"


def upgrade() -> None:
    op.add_column("leads", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("leads", sa.Column("withdrawn_because", sa.String(length=80), nullable=True))
    # The rows there are need no look: what held before holds under a wider condition.
    op.execute(f"ALTER TABLE leads DROP CONSTRAINT {NAME}")
    op.execute(f"ALTER TABLE leads ADD CONSTRAINT {NAME} CHECK ({STATES}) NOT VALID")
    op.execute(f"ALTER TABLE leads VALIDATE CONSTRAINT {NAME}")
