"""Facts of handoff and sales in every order their topics allow leave the same lead."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from services.marketing.funnel.leads.rules import Registered
from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.envelope import Event
from shared.events.handoff import LeadAccepted, LeadAssigned, LeadReturned
from tests.marketing.funnel.leads.test_register import arrival, arrive
from tests.marketing.revenue.attribution.deals import Story, fetch, nothing_is_off
from tests.support.samples import NOON, delivered

REP, TEAM = UUID(int=7), UUID(int=8)


class Handoff:
    """Facts about one lead, each with the next version."""

    def __init__(self, lead: Registered, contact_id: UUID) -> None:
        self.common: dict[str, Any] = {"lead_id": lead.lead_id, "cycle": lead.cycle}
        self.party = {"contact_id": contact_id, "rep_id": REP, "team_id": TEAM, "hop": 1}
        self.version = 0

    def _next(self) -> dict[str, Any]:
        self.version += 1
        return self.common | {"version": self.version}

    def assigned(self) -> LeadAssigned:
        at = NOON + timedelta(minutes=1)
        return LeadAssigned(**self._next(), **self.party, assigned_at=at, answer_by=at)

    def accepted(self) -> LeadAccepted:
        return LeadAccepted(
            **self._next(),
            **self.party,
            qualified_at=NOON,
            assigned_at=NOON,
            accepted_at=NOON + timedelta(minutes=2),
            source="web_form",
            score=50,
        )

    def returned(self) -> LeadReturned:
        return LeadReturned(
            **self._next(),
            rep_id=REP,
            reason="no_budget",
            after_acceptance=True,
            returned_at=NOON + timedelta(days=29),
        )


def interleavings(one: list[Event], other: list[Event]) -> Iterator[list[Event]]:
    """Every way to deliver two topics, each in its own order."""
    whole = len(one) + len(other)
    for places in combinations(range(whole), len(one)):
        left, right = iter(one), iter(other)
        yield [next(left) if place in places else next(right) for place in range(whole)]


async def end_state(sessions: Sessions, lead_id: UUID) -> list[Any]:
    queries = (
        "SELECT cycle, stage, rep_id, assigned_at, accepted_at, returned_at, return_reason, sql_at, "
        "opportunity_at, closed_at, outcome FROM lead_cycles WHERE lead_id = $1 ORDER BY cycle",
        "SELECT cycle, at, stage, reason FROM lifecycle_log WHERE lead_id = $1 ORDER BY 1, 2, 3",
        "SELECT version, outcome, amount_minor, stage FROM deals WHERE lead_id = $1",
        "SELECT d.outcome, s.revision, s.cause, s.amount_delta "
        "FROM credit_sets s JOIN deals d USING (deal_id) WHERE d.lead_id = $1 ORDER BY s.revision",
    )
    return [await fetch(sessions, query, lead_id) for query in queries]


@pytest.mark.parametrize("journey", ["won", "returned"])
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "in one batch"])
async def test_every_interleaving_ends_alike(
    marketing_sessions: Sessions, journey: str, at_once: bool
) -> None:
    states: list[Any] = []
    for number in range(20 if journey == "won" else 35):
        contact_id = clock.new_id()
        [lead] = await arrive(marketing_sessions, arrival(contact_id=contact_id, hand_raiser=True))
        handoff = Handoff(lead, contact_id)
        deal = Story(contact_id=contact_id, lead_id=lead.lead_id, cycle=1)
        if journey == "won":
            told: list[Event] = [handoff.assigned(), handoff.accepted()]
            sold: list[Event] = [deal.opened(), deal.moved(), deal.closed(1000), deal.amended(900)]
        else:
            told = [handoff.assigned(), handoff.accepted(), handoff.returned()]
            sold = [deal.opened(), deal.moved(), deal.closed(outcome="disqualified")]
        orders = list(interleavings(told, sold))
        envelopes = [delivered(event) for event in orders[number % len(orders)]]
        batches = [envelopes] if at_once else [[envelope] for envelope in envelopes]

        for batch in batches:
            await subscriptions.deliver(marketing_sessions, batch)

        states.append(await end_state(marketing_sessions, lead.lead_id))
    assert states[0][0][0][1] == ("customer" if journey == "won" else "recycled")
    assert all(state == states[0] for state in states)
    assert await nothing_is_off(marketing_sessions)
