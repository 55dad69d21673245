"""Events wait here, in the same transaction as the change they report.

An append-only log, partitioned by day, is the audit and the source for replays; a thin
table of pending rows says what the relay still has to send. No cursor, so a late commit
is never skipped.
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
    event,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.database.metadata import metadata
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.observability import telemetry

LARGEST = 262_144  # bytes of data; a bigger event would be poison to the broker, so it can't get in

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, nullable=False, server_default=text("nextval('outbox_id_seq')")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("event_id", Uuid, nullable=False),
    Column("topic", String(120), nullable=False),
    Column("key", String(120), nullable=False),
    Column("type", String(120), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("traceparent", String(64)),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", "created_at"),
    CheckConstraint(f"octet_length(data) <= {LARGEST}", name="small_enough"),
    postgresql_partition_by="RANGE (created_at)",
)

outbox_pending = Table(
    "outbox_pending",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # The queue is small and always moving: its dead rows have to go at once.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "2000",
        "autovacuum_vacuum_cost_delay": "0",
    },
)

outbox_parked = Table(
    "outbox_parked",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("topic", String(120), nullable=False),
    Column("key", String(120), nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("discarded_at", DateTime(timezone=True)),
    Column("note", Text),
    Index("ix_outbox_parked_waiting", "topic", "key", postgresql_where=text("discarded_at IS NULL")),
)

STAGE = """
WITH staged AS (
    INSERT INTO outbox (event_id, topic, key, type, version, traceparent, data)
    SELECT e, t, k, y, v, p, d
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[])
         WITH ORDINALITY AS x(e, t, k, y, v, p, d, n)
    ORDER BY n
    RETURNING id, created_at
)
INSERT INTO outbox_pending (id, created_at) SELECT id, created_at FROM staged
"""


async def stage(session: AsyncSession, events: Sequence[Event]) -> None:
    """Add events to the current transaction, in order. The relay sends them after the commit.

    Stage an event only while holding the lock on the row that counts its `version`: two
    transactions on one key then commit in the order of their ids.
    """
    if not events:
        return
    trace = telemetry.current_traceparent()
    _announce_after_commit(session)
    connection = await driver(session)
    await connection.execute(
        STAGE,
        [clock.new_id() for _ in events],
        [fact.topic for fact in events],
        [fact.key for fact in events],
        [fact.type for fact in events],
        [fact.version for fact in events],
        [fact.traceparent or trace for fact in events],
        [fact.data() for fact in events],
    )


def _announce_after_commit(session: AsyncSession) -> None:
    """Tell the relay that there is work once it can be seen; at most once per transaction."""
    announce = session.info.get("announce")
    if announce is not None and not session.info.get("announcing"):
        session.info["announcing"] = True

        def tell(_: object) -> None:
            session.info["announcing"] = False
            announce()

        event.listen(session.sync_session, "after_commit", tell, once=True)
