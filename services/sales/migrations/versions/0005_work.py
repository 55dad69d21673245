"""Whose an activity is to do, what was cancelled, tasks without a deal. The old code goes on beside it."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0005"
down_revision = "sales_0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = {
    "ix_activities_assignee_id": "CREATE INDEX CONCURRENTLY ix_activities_assignee_id ON activities "
    "(assignee_id, due_at, id) WHERE done_at IS NULL AND cancelled_at IS NULL",
    "uq_activities_submission_id": "CREATE UNIQUE INDEX CONCURRENTLY uq_activities_submission_id "
    "ON activities (submission_id) WHERE submission_id IS NOT NULL",
    "uq_activities_external_id": "CREATE UNIQUE INDEX CONCURRENTLY uq_activities_external_id ON activities "
    "(external_id) WHERE external_id IS NOT NULL",
}


def upgrade() -> None:
    op.alter_column("activities", "deal_id", existing_type=sa.Uuid(), nullable=True)
    op.add_column("activities", sa.Column("assignee_id", sa.Uuid()))
    op.add_column("activities", sa.Column("title", sa.String(length=200)))
    op.add_column("activities", sa.Column("direction", sa.String(length=8)))
    op.add_column("activities", sa.Column("by_human", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("activities", sa.Column("reminder_at", MOMENT))
    op.add_column("activities", sa.Column("cancelled_at", MOMENT))
    op.add_column("activities", sa.Column("cancel_reason", sa.String(length=80)))
    op.add_column("activities", sa.Column("external_id", sa.String(length=200)))
    op.add_column("activities", sa.Column("submission_id", sa.Uuid()))
    op.create_table(
        "resubmissions",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("activity_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_resubmissions")),
    )
    op.create_index(
        "ix_resubmissions_waiting",
        "resubmissions",
        ["lead_id", "cycle"],
        postgresql_where=sa.text("activity_id IS NULL"),
    )
    op.add_column("activities", sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")  # nobody waits behind it: it only waits for others to end
        for name, index in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(index)
        op.execute("SET lock_timeout = '3s'")
