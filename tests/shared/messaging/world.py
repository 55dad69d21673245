"""What the state machine moves: a service's database, two relays, a consumer, and a list for Kafka's log.

The relay, the outbox, the delivery, the inbox and the repairs are the product's own, on real PostgreSQL.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import sessions
from shared.database.failures import is_transient
from shared.database.sessions import Driver
from shared.errors import ConflictError, NotFoundError
from shared.events.handoff import LeadDeclined
from shared.messaging import cloudevents, outbox, repairs
from shared.messaging.delivery import Delivery, TooManyParkedError
from shared.messaging.relay import PINNED, Relay
from shared.messaging.subscriptions import Context, Subscriptions
from tests.shared.messaging.listed_log import Fate, ListedLog, ListedProducer
from tests.shared.messaging.testing import declined

TOPIC = LeadDeclined.topic
LEADS = (1, 2, 3, 4)
TABLES = ("outbox_pending", "outbox_parked", "outbox", "inbox", "parked_events", "consumer_offsets", "effect")


class ListedRelay(Relay):
    """One relay with a connection of its own, moved round by round."""

    def __init__(self, url: str, log: ListedLog) -> None:
        super().__init__(url, "nowhere")
        self.listed = ListedProducer()
        self._producer = self.listed
        self._log = log
        self._round: asyncio.Task[int] | None = None

    async def connect(self) -> None:
        self._connection = await sessions.connect(self._url, application="machine", **PINNED)
        await self.listed.open()

    @property
    def holds_a_round(self) -> bool:
        return self._round is not None

    async def begin(self) -> int:
        """Fetch, and hand what was fetched to the client, where it stays. How many rows left the queue."""
        assert self._connection is not None
        self._round = asyncio.create_task(self.step(self._connection))
        reached = asyncio.create_task(self.listed.listed.reached.wait())
        await asyncio.wait([self._round, reached], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if not self._round.done():
            return 0
        ended, self._round = self._round, None
        return ended.result()

    async def finish(self, fates: Sequence[Fate]) -> None:
        """Let the broker answer, and the round end: acknowledged rows are deleted, poison is parked."""
        assert self._round is not None
        for held, fate in zip(self.listed.listed.hand_over(), fates, strict=False):
            error = self._log.take(held, fate)
            if error is None:
                held.answer.set_result(None)
            else:
                held.answer.set_exception(error)
        ended, self._round = self._round, None
        await ended

    async def crash(self, fates: Sequence[Fate]) -> None:
        """Die while the batches are on their way: some arrive, and nobody is left to delete a row."""
        assert self._connection is not None
        if self._round is not None:
            for held, fate in zip(self.listed.listed.hand_over(), fates, strict=False):
                self._log.take(held, fate)
            ended, self._round = self._round, None
            ended.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ended
        self._connection.terminate()


class World:
    """One service whose handler writes down what it did; what fails, and when, is told from outside."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.engine = sessions.create_engine(url, application="machine")
        self.sessions = sessions.create_sessions(self.engine)
        self.log = ListedLog()
        self.relays: list[ListedRelay] = []
        self.open: dict[int, tuple[AsyncSession, int]] = {}
        self.committed: Counter[int] = Counter()  # lead -> how many of its facts are committed
        self.unhandleable: set[tuple[str, int]] = set()
        self.dying = False
        self.position: defaultdict[int, int] = defaultdict(int)
        self.told_kafka: defaultdict[int, int] = defaultdict(int)
        self.subscriptions = Subscriptions(group="handoff")
        self.subscriptions.on(LeadDeclined, self._handle)
        self.delivery = Delivery(self.subscriptions, self.sessions)
        self.look: Driver

    async def begin(self) -> None:
        self.look = await sessions.connect(self._url, application="machine-checks", **PINNED)
        await self.look.execute(
            "CREATE TABLE IF NOT EXISTS aggregate (lead int PRIMARY KEY, version bigint NOT NULL);"
            "CREATE TABLE IF NOT EXISTS effect (n bigserial, key text, version bigint);"
            + "".join(f"DELETE FROM {table};" for table in (*TABLES, "aggregate"))
        )
        await self.look.executemany("INSERT INTO aggregate VALUES ($1, 0)", [(lead,) for lead in LEADS])
        for _ in range(2):
            await self._new_relay()

    async def end(self) -> None:
        for relay in self.relays:
            await relay.crash([])
        for session, _ in self.open.values():
            await session.close()
        await self.look.close()
        await self.engine.dispose()
        await asyncio.sleep(0)  # for the sockets that were cut

    # The publishing side.

    async def change(self, lead: int, facts: int) -> None:
        """Report facts about a lead, holding its row's lock, in a transaction that stays open."""
        session = self.sessions()
        await session.begin()
        changed = text("UPDATE aggregate SET version = version + :n WHERE lead = :lead RETURNING version")
        version = await session.scalar(changed, {"n": facts, "lead": lead})
        assert version is not None
        for number in range(version - facts + 1, version + 1):
            await outbox.stage(session, [declined(lead, number)])
        self.open[lead] = session, version

    async def commit(self, lead: int) -> None:
        session, version = self.open.pop(lead)
        await session.commit()
        await session.close()
        self.committed[lead] = version

    async def roll_back(self, lead: int) -> None:
        session, _ = self.open.pop(lead)
        await session.rollback()
        await session.close()

    async def _new_relay(self) -> None:
        relay = ListedRelay(self._url, self.log)
        await relay.connect()
        self.relays.append(relay)

    async def replace_relay(self, number: int, fates: Sequence[Fate]) -> None:
        await self.relays.pop(number).crash(fates)
        await self._new_relay()

    async def resend(self, lead: int) -> None:
        with contextlib.suppress(NotFoundError):
            await repairs.resend_key(self.sessions, TOPIC, declined(lead).key)

    async def republish(self, lead: int) -> None:
        """Everything of a key once more, as after a loss of Kafka's disk."""
        with contextlib.suppress(NotFoundError, ConflictError):
            await repairs.republish_key(self.sessions, TOPIC, declined(lead).key)

    # The listening side.

    async def _handle(self, context: Context, events: Sequence[LeadDeclined]) -> None:
        connection = await sessions.driver(context.session)
        if any((event.key, event.version) in self.unhandleable for event in events):
            raise ValueError("a handler that can't")
        await connection.executemany(
            "INSERT INTO effect (key, version) VALUES ($1, $2)", [(e.key, e.version) for e in events]
        )
        if self.dying:
            self.dying = False
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async def deliver(
        self, partition: int, *, back: int, count: int, delivery: Delivery | None = None
    ) -> None:
        """Hand over records as a consumer would, beginning at or before where it stands."""
        first = max(self.position[partition] - back, 0)
        records = [
            cloudevents.decode(found) for found in self.log.records[TOPIC, partition][first : first + count]
        ]
        if not records:
            return
        delivery = delivery or self.delivery
        try:
            try:
                await delivery.apply(records)
            except ValueError:
                await delivery.apply(records, one_by_one=True)
        except TooManyParkedError:
            return
        except Exception as error:
            if not is_transient(error):
                raise
            return
        self.position[partition] = max(self.position[partition], first + len(records))

    async def deliver_twice_at_once(self, partition: int, *, back: int, count: int) -> None:
        """The owner of a partition and a zombie that still believes to be it."""
        await asyncio.gather(
            self.deliver(partition, back=back, count=count),
            self.deliver(
                partition, back=0, count=count, delivery=Delivery(self.subscriptions, self.sessions)
            ),
        )

    def tell_kafka(self, partition: int) -> None:
        self.told_kafka[partition] = self.position[partition]

    def restart_consumer(self) -> None:
        self.position = self.told_kafka.copy()
        self.delivery = Delivery(self.subscriptions, self.sessions)

    async def retry(self, lead: int) -> bool:
        """Handle what waits on a lead's key; False when nothing waits or it still can't be handled."""
        try:
            await repairs.retry_key(self.sessions, self.subscriptions, TOPIC, declined(lead).key)
        except (NotFoundError, ValueError):
            return False
        return True


def lead_of(key: str) -> int:
    return UUID(key).int
