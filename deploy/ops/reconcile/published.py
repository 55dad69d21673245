"""The outbox logs against the topics: what was sent is there, and what is there was sent by us.

Compared by event ids, as far back as the topics keep them. The logs are read first and the topics after
them, so that whatever a log calls sent must be on its topic already.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from deploy.ops.reconcile.equations.shape import Since
from deploy.ops.reconcile.findings import Difference, Line
from deploy.ops.reconcile.idsets import IdSets
from deploy.ops.reconcile.servers import Databases
from deploy.ops.reconcile.shown import Progress
from deploy.ops.reconcile.topics import TopicLog
from shared import clock
from shared.messaging import foreign, topics
from shared.services import SERVICES

PUBLISHED, FOREIGN = "published", "foreign"
NAMES = (PUBLISHED, FOREIGN)
KEPT_BY_TOPICS = timedelta(milliseconds=topics.RETENTION_MS) - timedelta(days=1)
KEPT = 1000
LOGGED = """
SELECT o.event_id, o.created_at >= :since AND p.id IS NULL AND k.id IS NULL
FROM outbox o
LEFT JOIN outbox_pending p USING (id, created_at)
LEFT JOIN outbox_parked k USING (id, created_at)
"""
FOUND = "SELECT event_id, id, topic, key, type, version FROM outbox WHERE event_id = ANY($1::uuid[])"


async def published_lines(
    log: TopicLog, databases: Databases, within: timedelta | None, progress: Progress
) -> list[Line]:
    """Two lines: events missing on the topics, and events on the topics that no log knows."""
    since = Since(clock.now() - min(within, KEPT_BY_TOPICS) if within is not None else None)
    with IdSets() as ids:
        for service in SERVICES:
            ids.begin_copy()
            async with databases.reading(service) as connection:
                await connection.copy_from_query(since.fill(LOGGED), output=ids.add_copied, format="binary")
        ends = await log.ends()
        total = sum(ends.values())
        records, nameless = await log.read(ends, ids, on_read=lambda done: progress("topics", done, total))
        progress("topics", total, total)
        lost: list[bytes] = []
        unknown: list[bytes] = []
        lost_count = unknown_count = 0
        for missing, foreign in ids.differences():
            lost_count += len(missing)
            lost += missing[: KEPT - len(lost)]
            unknown_count += len(foreign)
            unknown += foreign[: KEPT - len(unknown)]
        sent, distinct = ids.sent, ids.distinct
    late = await _staged_meanwhile(databases, unknown)
    withdrawn = set(unknown) & await _withdrawn(databases)
    unknown = [one for one in unknown if one not in late and one not in withdrawn]
    return [
        Line(
            name=PUBLISHED,
            claim="Every event that has left an outbox is on its topic",
            left_name="events that left",
            right_name="events on the topics",
            left=sent,
            right=distinct,
        ).with_differences(lost_count, await _lost(databases, lost)),
        Line(
            name=FOREIGN,
            claim="Every record on the topics is an event of an outbox log",
            left_name="records on the topics",
            right_name=None,
            left=records,
            right=None,
            excused=len(withdrawn),
        ).with_differences(
            unknown_count - len(late) - len(withdrawn) + nameless, _foreign(unknown, nameless)
        ),
    ]


async def unknown_ids(log: TopicLog, databases: Databases) -> set[bytes]:
    """Every id on the topics that no log has, and that nobody has withdrawn."""
    since = Since(None)
    with IdSets() as ids:
        for service in SERVICES:
            ids.begin_copy()
            async with databases.reading(service) as connection:
                await connection.copy_from_query(since.fill(LOGGED), output=ids.add_copied, format="binary")
        await log.read(await log.ends(), ids, on_read=lambda _: None)
        unknown = [one for _, strangers in ids.differences() for one in strangers]
    late = await _staged_meanwhile(databases, unknown)
    return set(unknown) - late - await _withdrawn(databases)


async def _staged_meanwhile(databases: Databases, ids: Sequence[bytes]) -> set[bytes]:
    """Those that a log has by now: staged and sent after it was read."""
    known: set[bytes] = set()
    asked = [UUID(bytes=one) for one in ids]
    for service in SERVICES if asked else ():
        async with databases.reading(service) as connection:
            known |= {row["event_id"].bytes for row in await connection.fetch(FOUND, asked)}
    return known


async def _withdrawn(databases: Databases) -> set[bytes]:
    """Foreign events whose effects somebody has taken back, in any service."""
    known: set[bytes] = set()
    for service in SERVICES:
        async with databases.reading(service) as connection:
            known |= {one.bytes for one in await foreign.given_up(connection)}
    return known


async def _lost(databases: Databases, ids: Sequence[bytes]) -> list[Difference]:
    asked = [UUID(bytes=one) for one in ids]
    found = []
    for service in SERVICES if asked else ():
        async with databases.reading(service) as connection:
            for row in await connection.fetch(FOUND, asked):
                found.append(
                    Difference(
                        key=str(row["event_id"]),
                        left=f"{row['topic']} {row['key']} version {row['version']}",
                        right=None,
                        why="it is in the log and not on its topic",
                        remedy=f"leadloop outbox republish {service} {row['topic']} {row['key']}, or all of "
                        "them: leadloop rebuild --from DATE",
                    )
                )
    return found


def _foreign(ids: Sequence[bytes], nameless: int) -> list[Difference]:
    remedy = (
        "somebody else writes here: leadloop events withdraw --foreign takes back what that did; or a log is "
        "younger than its topic: see docs/reconcile.md#foreign"
    )
    found = [Difference(str(UUID(bytes=one)), None, "no log has it", remedy=remedy) for one in ids]
    if nameless:
        found.append(Difference("(no id)", None, f"{nameless} records", remedy=remedy))
    return found
