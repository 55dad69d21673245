"""Events that nobody of ours sent, put on the topics as somebody with access to the broker would."""

from typing import Any

from aiokafka import AIOKafkaProducer

from shared import clock
from shared.events.envelope import Event
from shared.events.handoff import LeadAccepted, LeadAssigned, RepChanged
from shared.events.marketing import LeadQualified, LeadWithdrawn
from shared.events.sales import DealClosed, DealOpened, ExchangeRateSet
from shared.messaging.cloudevents import headers_of
from tests.support.loop import Loop


async def forge(loop: Loop, *events: Event) -> list[str]:
    """Write them to their topics; returns their ids."""
    producer = AIOKafkaProducer(bootstrap_servers=loop.bootstrap)
    await producer.start()
    ids = []
    try:
        for event in events:
            row = {
                "type": event.type,
                "event_id": clock.new_id(),
                "created_at": clock.now(),
                "key": event.key,
                "version": event.version,
                "traceparent": None,
            }
            await producer.send_and_wait(
                loop.prefix + event.topic, event.data(), key=event.key.encode(), headers=headers_of(row)
            )
            ids.append(str(row["event_id"]))
    finally:
        await producer.stop()
    return ids


def closed(deal_id: Any, amount: int, **changes: Any) -> DealClosed:
    values: dict[str, Any] = {
        "version": 2,
        "deal_id": deal_id,
        "origin": "prospecting",
        "amount_minor": amount,
        "currency": "EUR",
        "reporting_amount_minor": amount,
        "reporting_currency": "EUR",
        "rate": "1",
        "closed_on": clock.now().date(),
        "closed_at": clock.now(),
        "rep_id": clock.new_id(),
        "outcome": "won",
    }
    return DealClosed(**(values | changes))


def opened(deal_id: Any, **changes: Any) -> DealOpened:
    values: dict[str, Any] = {
        "version": 1,
        "deal_id": deal_id,
        "origin": "prospecting",
        "rep_id": clock.new_id(),
        "pipeline_id": clock.new_id(),
        "stage": "new",
        "amount_minor": 0,
        "currency": "EUR",
        "opened_at": clock.now(),
    }
    return DealOpened(**(values | changes))


def qualified(lead_id: Any, **changes: Any) -> LeadQualified:
    values: dict[str, Any] = {
        "version": 1,
        "lead_id": lead_id,
        "cycle": 1,
        "contact_id": clock.new_id(),
        "received_at": clock.now(),
        "qualified_at": clock.now(),
        "source": "web_form",
        "score": 90,
        "fit": 50,
        "engagement": 40,
        "scoring_model": 1,
    }
    return LeadQualified(**(values | changes))


def withdrawn(lead_id: Any) -> LeadWithdrawn:
    return LeadWithdrawn(version=99, lead_id=lead_id, cycle=1, reason="spam", withdrawn_at=clock.now())


def accepted(lead_id: Any, **changes: Any) -> LeadAccepted:
    now = clock.now()
    values: dict[str, Any] = {
        "version": 99,
        "lead_id": lead_id,
        "cycle": 1,
        "hop": 1,
        "contact_id": clock.new_id(),
        "rep_id": clock.new_id(),
        "team_id": clock.new_id(),
        "qualified_at": now,
        "assigned_at": now,
        "accepted_at": now,
        "source": "web_form",
        "score": 90,
    }
    return LeadAccepted(**(values | changes))


def assigned(lead_id: Any) -> LeadAssigned:
    now = clock.now()
    return LeadAssigned(
        version=99, lead_id=lead_id, cycle=1, hop=9, contact_id=clock.new_id(), rep_id=clock.new_id(),
        team_id=clock.new_id(), assigned_at=now, answer_by=now,
    )  # fmt: skip


def rep(rep_id: Any, **changes: Any) -> RepChanged:
    values: dict[str, Any] = {
        "version": 99,
        "rep_id": rep_id,
        "subject": "mallory",
        "display_name": "Mallory",
        "team_id": clock.new_id(),
        "team_name": "Nobody's",
        "active": False,
        "changed_at": clock.now(),
    }
    return RepChanged(**(values | changes))


def rate(base: str, of: str) -> ExchangeRateSet:
    return ExchangeRateSet(
        version=99, base=base, quote="EUR", valid_on=clock.now().date().replace(year=2020, month=1, day=1),
        rate=of, set_at=clock.now(),
    )  # fmt: skip
