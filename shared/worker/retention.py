"""What goes when its days are over: kind by kind, in small bites, each in a transaction of its own.

Rows that somebody else works on are passed over and found again the next time, so any number of workers may
do it side by side. A service adds its own kinds and hands them to its `Worker`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Sessions, database_time, driver
from shared.messaging import outbox_partitions
from shared.observability import metrics
from shared.settings import CommonSettings

BITE = 1000


class Found(NamedTuple):
    """How many have had their days, and since when the oldest is there of all that are kept."""

    due: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept for so many days; `setting` names them.

    `look` and `clear` are given the days, never 0. `clear` takes one bite and answers how many went.
    """

    kind: str  # as metrics and `leadloop retention` name it
    setting: str
    what: str
    stays: str  # what there is of it afterwards
    look: Callable[[AsyncSession, int], Awaitable[Found]]
    clear: Callable[[AsyncSession, int], Awaitable[int]]

    def days(self, settings: CommonSettings) -> int:
        """For how long; 0 is for ever."""
        return int(getattr(settings, self.setting))


def looking(rows: str, since: str, *, by: str = "") -> Callable[[AsyncSession, int], Awaitable[Found]]:
    """Counts those of these rows (what follows FROM, with a WHERE) that are older by their column `since`.

    `by` is the column of their index, where that is another one in the order of time.
    """
    statement = (
        f"SELECT (SELECT count(*) FROM {rows} AND {since} < now() - make_interval(days => $1)) AS due, "
        f"(SELECT {since} FROM {rows} ORDER BY {by or since} LIMIT 1) AS oldest"
    )

    async def look(session: AsyncSession, days: int) -> Found:
        row: Any = await (await driver(session)).fetchrow(statement, days)
        return Found(row["due"], row["oldest"])

    return look


def clearing(statement: str) -> Callable[[AsyncSession, int], Awaitable[int]]:
    """One statement, given the days as $1 and the size of a bite as $2."""

    async def clear(session: AsyncSession, days: int) -> int:
        return changed(await (await driver(session)).execute(statement, days, BITE))

    return clear


def changed(tag: str) -> int:
    """How many rows a statement changed, by what PostgreSQL says of it."""
    return int(tag.rpartition(" ")[2])


def _deleting(table: str, condition: str, since: str) -> Callable[[AsyncSession, int], Awaitable[int]]:
    return clearing(
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} "
        f"AND {since} < now() - make_interval(days => $1) LIMIT $2 FOR UPDATE SKIP LOCKED))"
    )


async def _look_at_the_log(session: AsyncSession, days: int) -> Found:
    names, first = await outbox_partitions.old(session, days=days)
    return Found(len(names), datetime.combine(first, time.min, UTC) if first else None)


async def _drop_the_log(session: AsyncSession, days: int) -> int:
    return len(await outbox_partitions.drop_old(session, days=days))


GIVEN_UP = "parked_events WHERE state = 'discarded' AND data IS NOT NULL"
# What every service has.
PLUMBING: Sequence[Kept] = (
    Kept(
        "outbox",
        "keep_outbox_days",
        "days of the log of events that were sent",
        "nothing; a day from which something is still to be sent is kept",
        _look_at_the_log,
        _drop_the_log,
    ),
    Kept(
        "inbox",
        "keep_inbox_days",
        "ids of events that were handled",
        "nothing",
        looking("inbox WHERE true", "done_at"),
        _deleting("inbox", "true", "done_at"),
    ),
    Kept(
        "answers",
        "keep_answers_days",
        "answers to requests with an `Idempotency-Key`",
        "nothing; the key can be used anew",
        looking("idempotency WHERE true", "created_at"),
        _deleting("idempotency", "true", "created_at"),
    ),
    Kept(
        "audit",
        "keep_audit_days",
        "who wrote what and who was refused, from which address",
        "nothing; deals and contacts have histories of their own",
        looking("audit_events WHERE true", "at"),
        _deleting("audit_events", "true", "at"),
    ),
    Kept(
        "parked",
        "keep_parked_days",
        "parked events that were handled in the end",
        "nothing",
        looking("parked_events WHERE state = 'handled'", "ended_at"),
        _deleting("parked_events", "state = 'handled'", "ended_at"),
    ),
    Kept(
        "given_up",
        "keep_parked_days",
        "the data of parked events that were given up",
        "its id, key, type and reason: `reconcile` excuses the difference by them",
        looking(GIVEN_UP, "ended_at"),
        clearing(
            "UPDATE parked_events SET data = NULL, headers = '{}' WHERE event_id = ANY(ARRAY("
            f"SELECT event_id FROM {GIVEN_UP} AND ended_at < now() - make_interval(days => $1) "
            "LIMIT $2 FOR UPDATE SKIP LOCKED))"
        ),
    ),
)


async def round_of(sessions: Sessions, kinds: Sequence[Kept], settings: CommonSettings) -> dict[str, int]:
    """One bite of each kind. How many went, by kind; what is kept for ever is not among them."""
    gone: dict[str, int] = {}
    for kept in kinds:
        days = kept.days(settings)
        if not days:
            continue
        async with sessions.begin() as session:
            gone[kept.kind] = await kept.clear(session, days)
        metrics.retention_cleared.labels(kept.kind).inc(gone[kept.kind])
    return gone


async def look(
    sessions: Sessions, kinds: Sequence[Kept], settings: CommonSettings
) -> Mapping[str, tuple[Found, datetime]]:
    """What there is of each kind, and the database's time then. Of what is kept for ever nothing is due."""
    found = {}
    for kept in kinds:
        async with sessions() as session:
            seen = await kept.look(session, kept.days(settings) or 36_500)
            found[kept.kind] = seen, await database_time(session)
    return found


async def measure(sessions: Sessions, kinds: Sequence[Kept], settings: CommonSettings) -> None:
    """The age of the oldest of each kind, for Prometheus."""
    for kind, (seen, now) in (await look(sessions, kinds, settings)).items():
        age = 0.0 if seen.oldest is None else max(0.0, (now - seen.oldest).total_seconds())
        metrics.retention_oldest.labels(kind).set(age)
