"""Tables have plural names; under the old ones there are views, where old code reads, locks and writes.

The views go in a later migration, when no process of the old code is left.
"""

from alembic import op

revision = "plumbing_0003"
down_revision = "plumbing_0002"
branch_labels = None
depends_on = None

NAMES = {"consumer_offset": "consumer_offsets", "parked_event": "parked_events"}


def upgrade() -> None:
    # All at once: a statement of the old code meets tables only or views only.
    op.execute(f"LOCK TABLE {', '.join(NAMES)} IN ACCESS EXCLUSIVE MODE")
    for old, new in NAMES.items():
        op.rename_table(old, new)
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {old}_pkey TO pk_{new}")
        op.execute(f"CREATE VIEW {old} AS SELECT * FROM {new}")
    op.execute("ALTER INDEX ix_parked_event_waiting RENAME TO ix_parked_events_waiting")


def downgrade() -> None:
    op.execute("ALTER INDEX ix_parked_events_waiting RENAME TO ix_parked_event_waiting")
    for old, new in NAMES.items():
        op.execute(f"DROP VIEW {old}")
        op.rename_table(new, old)
        op.execute(f"ALTER TABLE {old} RENAME CONSTRAINT pk_{new} TO {old}_pkey")
