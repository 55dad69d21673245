"""What sales does when handoff tells it something, in whatever order and however often."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.sales.reference.reps.tables import Rep
from services.sales.selling.deals.tables import Deal
from services.sales.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.envelope import Event
from shared.messaging.inbox import inbox
from tests.sales.samples import ANA, deliver, lead_accepted, lead_returned, rep_changed, told
from tests.support.samples import delivered, moment_of

MILLISECOND = timedelta(milliseconds=1)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def deals_of(sessions: Sessions) -> Sequence[Deal]:
    async with sessions() as session:
        return (await session.scalars(select(Deal).order_by(Deal.id))).all()


async def test_every_accepted_lead_opens_one_deal_before_the_pipeline(sales_sessions: Sessions) -> None:
    leads = [lead_accepted() for _ in range(50)]

    await deliver(sales_sessions, *leads)

    deals = await deals_of(sales_sessions)
    assert {(deal.lead_id, deal.cycle) for deal in deals} == {(lead.lead_id, 1) for lead in leads}
    assert {(deal.stage, deal.state, deal.opportunity_at) for deal in deals} == {("new", "open", None)}
    [opened] = {deal.recorded_at for deal in deals}
    assert {timedelta(0) <= opened - moment_of(deal.id) < MILLISECOND for deal in deals} == {True}
    facts = await told(sales_sessions)
    assert {fact.deal_id for fact in facts} == {deal.id for deal in deals}
    assert {(fact.version, fact.amount_minor, fact.currency) for fact in facts} == {(1, 0, "EUR")}


async def test_an_event_that_comes_twice_opens_one_deal(sales_sessions: Sessions) -> None:
    lead = lead_accepted()
    same_delivery = delivered(lead)

    await subscriptions.deliver(sales_sessions, [same_delivery, same_delivery])
    await subscriptions.deliver(sales_sessions, [same_delivery])
    await deliver(sales_sessions, lead)  # published twice, under another id

    assert len(await deals_of(sales_sessions)) == 1
    assert len(await told(sales_sessions)) == 1


async def test_the_next_cycle_of_a_lead_opens_a_deal_of_its_own(sales_sessions: Sessions) -> None:
    first = lead_accepted()
    again = lead_accepted(lead_id=first.lead_id, cycle=2, version=7)

    await deliver(sales_sessions, first, again)

    assert sorted(deal.cycle or 0 for deal in await deals_of(sales_sessions)) == [1, 2]


async def test_the_trace_of_the_lead_goes_on_in_the_deal(sales_sessions: Sessions) -> None:
    lead = lead_accepted(traceparent=TRACE)

    await deliver(sales_sessions, lead)
    await deliver(sales_sessions, lead_returned(lead, traceparent=TRACE))

    async with sales_sessions() as session:
        traces = (await session.scalars(text("SELECT traceparent FROM outbox ORDER BY id"))).all()
    assert traces == [TRACE, TRACE]


async def test_a_lead_given_back_disqualifies_its_deal(sales_sessions: Sessions) -> None:
    lead = lead_accepted()

    await deliver(sales_sessions, lead, lead_returned(lead))

    [deal] = await deals_of(sales_sessions)
    assert (deal.state, deal.reason) == ("disqualified", "no_budget")
    [_, closed] = await told(sales_sessions)
    assert (closed.outcome, closed.amount_minor, closed.reporting_amount_minor) == ("disqualified", 0, 0)
    assert (closed.version, closed.reason, closed.rate) == (2, "no_budget", "1")


async def test_a_lead_nobody_took_touches_no_deal(sales_sessions: Sessions) -> None:
    lead = lead_accepted()

    await deliver(sales_sessions, lead)
    await deliver(sales_sessions, lead_returned(lead, after_acceptance=False))

    assert [deal.state for deal in await deals_of(sales_sessions)] == ["open"]


async def test_only_the_cycle_that_was_given_back_ends(sales_sessions: Sessions) -> None:
    first = lead_accepted()
    second = lead_accepted(lead_id=first.lead_id, cycle=2, version=4)

    await deliver(sales_sessions, first, lead_returned(first), second)
    await deliver(sales_sessions, lead_returned(first))  # a late copy of the first cycle's return

    states = {deal.cycle: deal.state for deal in await deals_of(sales_sessions)}
    assert states == {1: "disqualified", 2: "open"}


async def test_an_older_fact_about_a_rep_changes_nothing(sales_sessions: Sessions) -> None:
    moved = rep_changed(version=2, manager_subject="noa")

    await deliver(sales_sessions, moved)
    await deliver(sales_sessions, rep_changed(version=1))

    async with sales_sessions() as session:
        [rep] = (await session.scalars(select(Rep))).all()
    assert (rep.id, rep.version, rep.manager_subject) == (ANA, 2, "noa")


async def test_a_batch_that_fails_leaves_nothing_behind(sales_sessions: Sessions) -> None:
    unreadable = delivered(lead_accepted()).model_copy(update={"data": b"{}"})

    with pytest.raises(ValueError, match="lead_id"):
        await subscriptions.deliver(sales_sessions, [delivered(lead_accepted()), unreadable])

    assert await deals_of(sales_sessions) == []
    async with sales_sessions() as session:
        assert (await session.scalars(select(inbox.c.event_id))).all() == []


def interleavings(*streams: Sequence[Event]) -> Iterator[list[Event]]:
    """Every order in which these streams can come, each in its own order."""
    if not any(streams):
        yield []
        return
    for place, stream in enumerate(streams):
        if stream:
            rest = [other[1:] if at == place else other for at, other in enumerate(streams)]
            for tail in interleavings(*rest):
                yield [stream[0], *tail]


class Journey:
    """Two leads and their rep, with ids of their own, so that every order can be played in one database."""

    def __init__(self) -> None:
        self.names = {clock.new_id(): name for name in ("lead", "other", "rep", "contact", "company")}
        lead, other, rep, contact, company = self.names
        about = {"rep_id": rep, "contact_id": contact, "company_id": company}
        taken = lead_accepted(lead_id=lead, **about)
        self.streams: tuple[list[Event], ...] = (
            [taken, lead_returned(taken)],
            [lead_accepted(lead_id=other, **about)],
            [rep_changed(rep), rep_changed(rep, version=2, team_name="West")],
        )

    async def end_state(self, sessions: Sessions) -> Any:
        """All that is remembered and told about it, by name, but for the moment of recording."""
        async with sessions() as session:
            rows = await session.scalars(text(END_STATE), {"ids": list(self.names)})
            found = json.dumps([json.loads(row) for row in rows], sort_keys=True)
        for id_, name in self.names.items():
            found = found.replace(str(id_), name)
        return json.loads(found)


END_STATE = """
SELECT row FROM (
    SELECT 'deal' AS kind, lead_id::text AS k, 0 AS n,
        (to_jsonb(deals) - '{id,recorded_at}'::text[])::text AS row
    FROM deals WHERE lead_id = ANY(:ids)
    UNION ALL SELECT 'rep', id::text, 0, to_jsonb(reps)::text FROM reps WHERE id = ANY(:ids)
    UNION ALL SELECT 'history', d.lead_id::text, h.version::int,
        (to_jsonb(h) - '{deal_id,recorded_at}'::text[])::text
    FROM deal_history h JOIN deals d ON d.id = h.deal_id WHERE d.lead_id = ANY(:ids)
    UNION ALL SELECT type, d.lead_id::text, o.version::int,
        (convert_from(data, 'UTF8')::jsonb - 'deal_id')::text
    FROM outbox o JOIN deals d ON d.id::text = o.key WHERE d.lead_id = ANY(:ids)
) AS everything ORDER BY kind, k, n
"""


@pytest.mark.parametrize("together", [False, True])
async def test_every_interleaving_ends_alike(sales_sessions: Sessions, together: bool) -> None:
    ends = []
    orders = len(list(interleavings(*Journey().streams)))
    for number in range(orders):
        journey = Journey()
        order = list(interleavings(*journey.streams))[number]
        for batch in [order] if together else [[event] for event in order]:
            await deliver(sales_sessions, *batch)
        ends.append(await journey.end_state(sales_sessions))

    assert orders == 30
    assert len(ends[0]) == 2 + 1 + 1 + 3  # two deals, one rep, one line of history, three facts
    assert all(end == ends[0] for end in ends)
