"""Ties an event type to the one function that reacts to it."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Sessions, database_time
from shared.events.envelope import Envelope, Event
from shared.messaging import inbox

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may use besides the events themselves."""

    session: AsyncSession
    now: datetime  # the database's clock when the transaction began


Handler = Callable[[Context, Sequence[E]], Awaitable[None]]
# Takes back what forged events of a topic did, given the true ones of their keys; answers the keys whose true
# events are to be handled again.
Forget = Callable[[Context, Sequence[Event], Sequence[Event]], Awaitable[set[str]]]
# The newest state of some keys of a topic of ours, as events: for when the log no longer has them all.
Tell = Callable[[AsyncSession, Sequence[str]], Awaitable[Sequence[Event]]]


@dataclass(slots=True)
class Subscriptions:
    """Everything one service listens to, readable in one place."""

    group: str
    _handlers: dict[str, tuple[type[Event], Handler[Any]]] = field(default_factory=dict)
    _forgetting: dict[str, Forget] = field(default_factory=dict)
    _telling: dict[str, Tell] = field(default_factory=dict)

    def on(self, event_class: type[E], handler: Handler[E]) -> None:
        if event_class.type in self._handlers:
            raise ValueError(f"{self.group} already handles {event_class.type}")
        self._handlers[event_class.type] = (event_class, handler)

    def forgets(self, topic: str, forget: Forget) -> None:
        """Say how what a topic's forged events did is taken back."""
        self._forgetting[topic] = forget

    def tells(self, topic: str, tell: Tell) -> None:
        """Say how a topic of this service's own is told again from its rows."""
        self._telling[topic] = tell

    def forgetting(self, topic: str) -> Forget | None:
        return self._forgetting.get(topic)

    def telling(self, topic: str) -> Tell | None:
        return self._telling.get(topic)

    @property
    def topics(self) -> set[str]:
        return {event_class.topic for event_class, _ in self._handlers.values()}

    @property
    def event_classes(self) -> list[type[Event]]:
        return [event_class for event_class, _ in self._handlers.values()]

    def event_class(self, type_: str) -> type[Event] | None:
        """The class that reads this type; None when the service does not listen to it."""
        entry = self._handlers.get(type_)
        return entry[0] if entry else None

    async def deliver(self, sessions: Sessions, envelopes: Sequence[Envelope]) -> None:
        """Handle a batch in one transaction. For tests and replays; raises on an unreadable event."""
        known = [envelope for envelope in envelopes if envelope.type in self._handlers]
        if not known:
            return
        async with sessions.begin() as session:
            context = Context(session, now=await database_time(session))
            await self.handle(context, await inbox.claim(session, known))

    async def handle(
        self, context: Context, envelopes: Sequence[Envelope], read: Mapping[UUID, Event] | None = None
    ) -> None:
        """Run the handlers over claimed events, round by round, so that every key keeps its order.

        `read` holds, by id, events that were validated before; the others are read here.
        """
        read = read or {}
        for type_, run in in_rounds(envelopes):
            event_class, handler = self._handlers[type_]
            events = [
                read.get(envelope.id) or event_class.read(envelope.data, envelope.traceparent)
                for envelope in run
            ]
            await handler(context, events)


def in_rounds(envelopes: Sequence[Envelope]) -> Iterator[tuple[str, list[Envelope]]]:
    """Round n holds the n-th event of every key, gathered by type.

    Runs of equal neighbours would shrink to single events where types interleave.
    """
    place: Counter[tuple[str, str]] = Counter()
    rounds: defaultdict[tuple[int, str], list[Envelope]] = defaultdict(list)
    for envelope in envelopes:
        key = (envelope.topic, envelope.key)
        rounds[place[key], envelope.type].append(envelope)
        place[key] += 1
    for (_, type_), run in sorted(rounds.items(), key=lambda item: item[0]):
        yield type_, run
