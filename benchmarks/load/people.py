"""Reps and customers as events: every lead offered is accepted, every deal opened is won at once.

`python -m benchmarks.load.people KAFKA LEADS` ends when so many deals are won. Stands in for the two answers
that only people give, over HTTP; everything else is the services' own doing.
"""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer

from benchmarks.samples import outbox_row
from shared import clock
from shared.events.envelope import Event
from shared.events.handoff import LeadAccepted, LeadAssigned
from shared.events.sales import DealClosed, DealOpened
from shared.messaging.producer import Producer

AMOUNT = 450_000


def accepted(offer: LeadAssigned) -> LeadAccepted:
    """The rep takes the lead at once."""
    return LeadAccepted(
        version=offer.version + 1,
        lead_id=offer.lead_id,
        cycle=offer.cycle,
        hop=offer.hop,
        contact_id=offer.contact_id,
        rep_id=offer.rep_id,
        team_id=offer.team_id,
        qualified_at=offer.assigned_at,
        assigned_at=offer.assigned_at,
        accepted_at=offer.assigned_at,
        source="web_form",
        score=50,
    )


def won(deal: DealOpened) -> DealClosed:
    """The customer signs at once."""
    closed_at = deal.opened_at + timedelta(seconds=1)
    return DealClosed(
        version=deal.version + 1,
        deal_id=deal.deal_id,
        lead_id=deal.lead_id,
        cycle=deal.cycle,
        contact_ids=deal.contact_ids,
        origin=deal.origin,
        amount_minor=AMOUNT,
        currency="EUR",
        reporting_amount_minor=AMOUNT,
        reporting_currency="EUR",
        rate="1",
        closed_on=closed_at.date(),
        closed_at=closed_at,
        rep_id=deal.rep_id,
        outcome="won",
    )


def answer(record: Any) -> Event | None:
    """What people do about an event."""
    kind = dict(record.headers)["ce_type"].decode()
    if kind == LeadAssigned.type:
        return accepted(LeadAssigned.model_validate_json(record.value))
    return won(DealOpened.model_validate_json(record.value)) if kind == DealOpened.type else None


async def live(kafka: str, leads: int) -> None:
    consumer = AIOKafkaConsumer(
        LeadAssigned.topic, DealOpened.topic, bootstrap_servers=kafka, auto_offset_reset="latest",
        fetch_max_wait_ms=20,
    )  # fmt: skip
    await consumer.start()
    await consumer.seek_to_end()
    for partition in consumer.assignment():
        await consumer.position(partition)
    producer = Producer(kafka, application="leadloop-bench")
    await producer.open()
    print("ready", flush=True)
    closed = 0
    while closed < leads:
        found = (await consumer.getmany(timeout_ms=200, max_records=1000)).values()
        told = [event for records in found for record in records if (event := answer(record))]
        if not told:
            continue
        sent = await producer.send([outbox_row(event, clock.now()) for event in told], at_most=Counter())
        if len(sent.acknowledged) != len(told):
            raise RuntimeError(f"Kafka took {len(sent.acknowledged)} of {len(told)} events: {sent.failed}")
        closed += sum(isinstance(event, DealClosed) for event in told)
    await producer.close()
    await consumer.stop()


if __name__ == "__main__":
    asyncio.run(live(sys.argv[1], int(sys.argv[2])))
