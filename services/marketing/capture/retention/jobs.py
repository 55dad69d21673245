"""The kinds of things that came in and go when their days are over. Rows stay, and with them every count."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries import kept as deliveries
from services.marketing.capture.retention import queries
from services.marketing.capture.submissions import kept as submissions
from shared.database.sessions import driver
from shared.worker.retention import BITE, Kept, looking


async def clear_bodies(session: AsyncSession, days: int) -> int:
    """Bodies of what was read, and what ad platforms answered about it."""
    connection = await driver(session)
    due = await queries.due_bodies(connection, days, BITE)
    free = await queries.free(connection, due, (*queries.WAITS, *queries.REFUSED))
    await submissions.forget_details(connection, free)
    return await deliveries.empty(connection, free)


async def clear_refused(session: AsyncSession, days: int) -> int:
    """What was understood of refused leads, and the bodies they came in."""
    connection = await driver(session)
    due = await queries.due_refused(connection, days, BITE)
    free = set(await queries.free(connection, set(due.values()), queries.WAITS))
    await deliveries.empty(connection, free)
    gone = [submission for submission, delivery in due.items() if delivery in free]
    return await submissions.forget(connection, gone, queries.REFUSED)


async def clear_unreadable(session: AsyncSession, days: int) -> int:
    connection = await driver(session)
    due = await queries.due_unreadable(connection, days, BITE)
    return await deliveries.empty(connection, await queries.free(connection, due, queries.WAITS))


async def clear_captured(session: AsyncSession, days: int) -> int:
    """What was understood of leads that are there."""
    connection = await driver(session)
    return await submissions.forget(
        connection, await queries.due_taken(connection, days, BITE), queries.TAKEN
    )


ROW = "when it came, at which door, what became of it, and the hash by which a repeat is known"
LEAD = "its states, ids and times, the hash of what was told; person, lead and touches"
KEPT = (
    Kept(
        "bodies",
        "keep_bodies_days",
        "bodies of requests at the doors that were read, and answers of ad platforms about them",
        ROW,
        looking(queries.READ, "d.received_at"),
        clear_bodies,
    ),
    Kept(
        "refused",
        "keep_refused_days",
        "what was understood of quarantined and rejected submissions, and the bodies they came in",
        LEAD,
        looking(queries.REFUSED_ROWS, "s.received_at"),
        clear_refused,
    ),
    Kept(
        "unreadable",
        "keep_refused_days",
        "bodies of requests that could not be read",
        ROW,
        looking(queries.UNREADABLE, "d.received_at", by="d.id"),
        clear_unreadable,
    ),
    Kept(
        "captured",
        "keep_captured_days",
        "what was understood of submissions that became leads, with answers and messages",
        LEAD,
        looking(queries.TAKEN_ROWS, "s.received_at"),
        clear_captured,
    ),
)
