"""The outbox log and its queue, the inbox, and where events wait that can't be handled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "plumbing_0001"
down_revision = None
branch_labels = ("plumbing",)
depends_on = None


def now_column(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def upgrade() -> None:
    # CACHE 1: a key's ids must rise in the order its row lock was taken, whichever session stages.
    op.execute("CREATE SEQUENCE outbox_id_seq CACHE 1")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False, server_default=sa.text("nextval('outbox_id_seq')")),
        now_column("created_at"),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("traceparent", sa.String(64)),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "created_at", name="pk_outbox"),
        sa.CheckConstraint("octet_length(data) <= 262144", name="ck_outbox_small_enough"),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.execute("CREATE TABLE outbox_default PARTITION OF outbox DEFAULT")
    op.create_table(
        "outbox_pending",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
        },
    )
    op.create_table(
        "outbox_parked",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        now_column("parked_at"),
        sa.Column("discarded_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text()),
    )
    op.create_index(
        "ix_outbox_parked_waiting",
        "outbox_parked",
        ["topic", "key"],
        postgresql_where=sa.text("discarded_at IS NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("off", sa.BigInteger(), nullable=False),
        now_column("done_at"),
    )
    op.create_index("ix_inbox_done_at", "inbox", ["done_at"])
    op.create_table(
        "consumer_offset",
        sa.Column("topic", sa.String(120), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        now_column("updated_at"),
    )
    op.create_table(
        "parked_event",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("off", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(256), nullable=False),
        sa.Column("type", sa.String(256), nullable=False),
        sa.Column("headers", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("data", sa.LargeBinary()),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("state", sa.String(20), nullable=False, server_default=sa.text("'parked'")),
        sa.Column("note", sa.Text()),
        now_column("parked_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_parked_event_waiting",
        "parked_event",
        ["topic", "key", "off"],
        postgresql_where=sa.text("state = 'parked'"),
    )


def downgrade() -> None:
    for table in ("parked_event", "consumer_offset", "inbox", "outbox_parked", "outbox_pending", "outbox"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE outbox_id_seq")
