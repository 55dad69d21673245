"""Backlogs to work off: events in Kafka, deliveries in the database, leads with a past."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text

from benchmarks.house import House
from benchmarks.samples import LATELY, deal_won, form_body, outbox_row
from services.marketing.funnel.leads import use_cases as leads
from services.marketing.funnel.leads.arrivals import ScoredSubmission
from shared import clock
from shared.database.sessions import create_engine, create_sessions, driver
from shared.events.envelope import Event
from shared.messaging.producer import Producer

T = TypeVar("T")
ROUND, TOUCHES = 1000, 10
CHANNELS = ("paid_search", "paid_social", "email")
DELIVER = """
INSERT INTO deliveries (id, door, source_id, body, content_type)
SELECT i, 'web_form', $1, b, 'application/json' FROM unnest($2::uuid[], $3::bytea[]) AS x(i, b)
"""


async def feed(house: House, events: Sequence[Event]) -> None:
    """Put events into their topics, as a relay would."""
    producer = Producer(house.kafka, application="leadloop-bench")
    await producer.open()
    moment = clock.now()
    for some in _rounds(events):
        sent = await producer.send([outbox_row(event, moment) for event in some], at_most=Counter())
        if len(sent.acknowledged) != len(some):
            raise RuntimeError(f"Kafka took {len(sent.acknowledged)} of {len(some)} events: {sent.failed}")
    await producer.close()


async def post_forms(house: House, numbers: Sequence[int]) -> None:
    """Deliveries of the house's form, as the door stores them."""
    engine = create_engine(house.database("marketing"), application="leadloop-bench")
    sessions = create_sessions(engine)
    for some in _rounds(numbers):
        async with sessions.begin() as session:
            form_id = await session.scalar(text("SELECT id FROM forms"))
            connection = await driver(session)
            bodies = [form_body(number) for number in some]
            await connection.execute(DELIVER, form_id, [clock.new_id() for _ in some], bodies)
    await engine.dispose()


async def won_deals(house: House, first: int, count: int) -> list[Event]:
    """Deals won with leads that met us ten times each; the leads are registered here."""
    engine = create_engine(house.database("marketing"), application="leadloop-bench")
    sessions = create_sessions(engine)
    events: list[Event] = []
    for numbers in _rounds(range(first, first + count)):
        contacts = [clock.new_id() for _ in numbers]
        arrivals = [arrival for contact in contacts for arrival in _journey(contact)]
        async with sessions.begin() as session:
            registered = await leads.register(session, arrivals, now=LATELY)
        lead_ids = [found.lead_id for found in registered[::TOUCHES]]
        events += [
            deal_won(number, lead_id=lead_id, contact_id=contact)
            for number, lead_id, contact in zip(numbers, lead_ids, contacts, strict=True)
        ]
    await engine.dispose()
    return events


def _journey(contact_id: UUID) -> list[ScoredSubmission]:
    return [
        ScoredSubmission(
            contact_id=contact_id,
            submission_id=clock.new_id(),
            received_at=LATELY,
            occurred_at=LATELY - timedelta(days=days),
            source="web_form",
            channel=channel,
            campaign_id=UUID(int=0xC0DE_0000 + days),
            hand_raiser=True,
        )
        for days, channel in zip(range(TOUCHES, 0, -1), cycle(CHANNELS), strict=False)
    ]


def _rounds(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(things), ROUND):
        yield things[first : first + ROUND]
