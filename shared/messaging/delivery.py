"""One batch of records of a topic, in one transaction: claim, effects, own events, parked rows."""

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.failures import is_transient
from shared.database.sessions import Sessions, database_time, driver
from shared.events.envelope import Envelope, Event
from shared.messaging import inbox, parking
from shared.messaging.cloudevents import Unreadable
from shared.messaging.parking import Parked
from shared.messaging.subscriptions import Context, Subscriptions

HORIZON = timedelta(days=30)  # inbox ids are kept this long; an older event could be a forgotten repeat
GUARD_WINDOW, GUARD_LIMIT = 1000, 20
Partition = tuple[str, int]  # topic, partition
_MAJOR = re.compile(r"^(?P<name>.+)\.v\d+$")


class TooManyParkedError(RuntimeError):
    """So many of the last events had to be parked that the fault is ours: stop and call someone."""


class Guard:
    """Counts, per partition, how many of the last events were poison."""

    def __init__(self, window: int = GUARD_WINDOW, limit: int = GUARD_LIMIT) -> None:
        self._recent: deque[int] = deque(maxlen=window)
        self._limit = limit

    def check(self, poison: int) -> None:
        """Raises TooManyParkedError when parking so many more would pass the limit."""
        if poison and sum(self._recent) + poison > self._limit:
            raise TooManyParkedError

    def saw(self, *, good: int, poison: int) -> None:
        self._recent.extend([1] * poison)
        self._recent.extend([0] * good)


@dataclass(slots=True)
class Result:
    handled: int = 0
    repeated: int = 0
    parked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Delivery:
    """Hands a service's handlers the batches that a consumer reads."""

    def __init__(self, subscriptions: Subscriptions, sessions: Sessions) -> None:
        self._subscriptions = subscriptions
        self._sessions = sessions
        self._guards: dict[Partition, Guard] = {}

    async def apply(self, records: Sequence[Envelope | Unreadable], *, one_by_one: bool = False) -> Result:
        """Handle records of one or more partitions, each one's in offset order, and commit.

        Raises whatever a handler or the database raises, with nothing changed. `one_by_one`
        gives each event a savepoint, so that the one that fails is parked and the others go on.
        """
        async with self._sessions.begin() as session:
            now = await database_time(session)
            await self._take_turns(session, records)
            envelopes, poison, read = self._sort(records, now - HORIZON)
            fresh_poison = await self._claim_poison(session, poison)
            envelopes, behind = await self._behind(session, envelopes, fresh_poison)
            seen = len(envelopes)
            envelopes = await inbox.claim(session, envelopes)
            behind = await self._claim_poison(session, behind)
            context = Context(session, now=now)
            failed: list[Parked] = []
            if one_by_one:
                failed, followers = await self._singly(context, envelopes, read)
                behind += followers
            elif envelopes:
                await self._subscriptions.handle(context, envelopes, read)
            poisonous = Counter(map(_partition_of, [*fresh_poison, *failed]))
            for partition, count in poisonous.items():
                self._guard(partition).check(count)
            await parking.park(session, self._subscriptions.group, [*fresh_poison, *failed, *behind])
        result = Result(
            handled=len(envelopes) - len(failed), repeated=seen - len(envelopes), parked=len(fresh_poison)
        )
        result.parked += len(failed) + len(behind)
        result.reasons.update(item.reason for item in [*fresh_poison, *failed, *behind])
        good = Counter((envelope.topic, envelope.partition) for envelope in envelopes)
        good.subtract(map(_partition_of, failed))
        for partition in good.keys() | poisonous.keys():
            self._guard(partition).saw(good=good[partition], poison=poisonous[partition])
        return result

    def _guard(self, partition: Partition) -> Guard:
        return self._guards.setdefault(partition, Guard())

    async def _take_turns(self, session: AsyncSession, records: Sequence[Envelope | Unreadable]) -> None:
        """Lock the partitions' rows, in order: a new owner and a zombie take turns, and never deadlock."""
        following: dict[Partition, int] = {}
        for record in records:
            following[record.topic, record.partition] = record.offset + 1
        places = sorted(following)
        connection = await driver(session)
        await connection.execute(
            "INSERT INTO consumer_offsets (topic, part, next_offset) "
            "SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) "
            "ON CONFLICT (topic, part) DO UPDATE SET updated_at = now(), "
            "next_offset = GREATEST(consumer_offsets.next_offset, EXCLUDED.next_offset)",
            [topic for topic, _ in places],
            [partition for _, partition in places],
            [following[partition] for partition in places],
        )

    def _sort(
        self, records: Sequence[Envelope | Unreadable], oldest: object
    ) -> tuple[list[Envelope], list[Parked], dict[UUID, Event]]:
        """Events we listen to, records that can only be parked, and what was read. Others are not for us."""
        good: list[Envelope] = []
        read: dict[UUID, Event] = {}
        poison: list[Parked] = []
        for record in records:
            if isinstance(record, Unreadable):
                poison.append(Parked(record, record.reason))
                continue
            event_class = self._subscriptions.event_class(record.type)
            if event_class is None:
                if self._is_unknown_version(record.type):
                    poison.append(Parked(record, "unknown_version"))
                continue
            try:
                event = event_class.read(record.data, record.traceparent)
            except ValidationError as error:
                poison.append(Parked(record, "invalid", _fields_of(error)))
                continue
            if event.key != record.key:
                poison.append(Parked(record, "key_mismatch"))
            elif record.time < oldest:  # type: ignore[operator]
                poison.append(Parked(record, "older_than_horizon"))
            else:
                good.append(record)
                read[record.id] = event
        return good, poison, read

    def _is_unknown_version(self, type_: str) -> bool:
        match = _MAJOR.match(type_)
        known = (_MAJOR.match(event_class.type) for event_class in self._subscriptions.event_classes)
        return match is not None and match["name"] in {found["name"] for found in known if found}

    async def _claim_poison(self, session: AsyncSession, poison: Sequence[Parked]) -> list[Parked]:
        """Leave out what was parked or handled before; of several copies in one batch the first counts.

        A retry goes by offsets: with that of a later copy an event would wait behind its own followers.
        """
        if not poison:
            return []
        connection = await driver(session)
        rows = await connection.fetch(
            "SELECT event_id FROM parked_events WHERE event_id = ANY($1::uuid[]) "
            "UNION SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])",
            [item.event.id for item in poison],
        )
        known = {row["event_id"] for row in rows}
        first: dict[UUID, Parked] = {}
        for item in poison:
            if item.event.id not in known:
                first.setdefault(item.event.id, item)
        return list(first.values())

    async def _behind(
        self, session: AsyncSession, envelopes: Sequence[Envelope], poison: Sequence[Parked]
    ) -> tuple[list[Envelope], list[Parked]]:
        """Take out the events whose key has a parked one in front: they wait, in order."""
        keys = {(envelope.topic, envelope.key) for envelope in envelopes}
        blocked = await parking.blocked_keys(session, keys) if keys else set()
        first_poison: dict[tuple[str, str], int] = {}
        for item in poison:
            partition = (item.event.topic, item.event.key)
            first_poison[partition] = min(item.event.offset, first_poison.get(partition, item.event.offset))
        free: list[Envelope] = []
        behind: list[Parked] = []
        for envelope in envelopes:
            partition = (envelope.topic, envelope.key)
            if partition in blocked or first_poison.get(partition, envelope.offset) < envelope.offset:
                behind.append(Parked(envelope, parking.BEHIND))
            else:
                free.append(envelope)
        return free, behind

    async def _singly(
        self, context: Context, envelopes: Sequence[Envelope], read: Mapping[UUID, Event]
    ) -> tuple[list[Parked], list[Parked]]:
        failed: list[Parked] = []
        followers: list[Parked] = []
        stopped: set[tuple[str, str]] = set()
        for envelope in envelopes:
            partition = (envelope.topic, envelope.key)
            if partition in stopped:
                followers.append(Parked(envelope, parking.BEHIND))
                continue
            try:
                async with context.session.begin_nested():
                    await self._subscriptions.handle(context, [envelope], read)
            except Exception as error:
                if is_transient(error):
                    raise
                failed.append(Parked(envelope, "handler_failed", type(error).__qualname__))
                stopped.add(partition)
        if failed:
            await self._unclaim(context.session, [item.event.id for item in [*failed, *followers]])
        return failed, followers

    async def _unclaim(self, session: AsyncSession, event_ids: Sequence[object]) -> None:
        """What is parked was not handled: a retry claims it again."""
        connection = await driver(session)
        await connection.execute("DELETE FROM inbox WHERE event_id = ANY($1::uuid[])", list(event_ids))


def _partition_of(item: Parked) -> Partition:
    return item.event.topic, item.event.partition


def _fields_of(error: ValidationError) -> str:
    """Which fields are wrong and how, without the values that were sent."""
    found = [f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in error.errors(include_url=False)]
    return "; ".join(found)[:500]
