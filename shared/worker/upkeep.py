"""What every worker does for its own database: partitions ahead, old rows gone, the outbox measured."""

from prometheus_client import Gauge

from shared.database import edge_tables
from shared.database.sessions import Sessions, driver
from shared.messaging import outbox_partitions
from shared.messaging.delivery import HORIZON
from shared.observability import telemetry

UPKEEP_EVERY = 600.0
pending_events = Gauge(
    "leadloop_outbox_pending", "Events not yet acknowledged by Kafka.", registry=telemetry.registry
)


async def keep_up(sessions: Sessions) -> int:
    """Daily partitions ahead, old ones dropped; ids and answers past their time go in small bites."""
    async with sessions.begin() as session:
        await outbox_partitions.make_ahead(session)
    async with sessions.begin() as session:
        await outbox_partitions.drop_old(session)
    async with sessions.begin() as session:
        connection = await driver(session)
        gone = await connection.execute(
            "DELETE FROM inbox WHERE event_id IN "
            "(SELECT event_id FROM inbox WHERE done_at < now() - $1::interval LIMIT 5000)",
            2 * HORIZON,
        )
        answers = await edge_tables.forget_answers(session)
    return 1 if gone == "DELETE 5000" or answers == edge_tables.BITE else 0


async def measure(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        connection = await driver(session)
        pending_events.set(await connection.fetchval("SELECT count(*) FROM outbox_pending"))
    return 0
