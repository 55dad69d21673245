from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.funnel.leads.test_register import arrival, arrive
from tests.marketing.funnel.lifecycle.test_interleavings import REP, Handoff
from tests.marketing.revenue.attribution.deals import Story
from tests.support.keys import Keys
from tests.support.samples import NOON, delivered


async def lead_page(marketing: AsyncClient, keys: Keys, **query: Any) -> dict[str, Any]:
    answer = await marketing.get("/v1/leads", params=query, headers=keys.as_("marketer"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_lead_is_shown_with_its_score_its_steps_and_its_deal(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    contact_id = clock.new_id()
    director = {"job_title": "Director of Sales"}
    [outcome] = await arrive(
        marketing_sessions,
        arrival(contact_id=contact_id, company_size=300, company_domain="example.com", answers=director),
    )
    assert outcome.qualified
    handoff = Handoff(outcome, contact_id)
    deal = Story(contact_id=contact_id, lead_id=outcome.lead_id, cycle=1, currency="EUR", rep_id=REP)
    events = [handoff.assigned(), handoff.accepted(), deal.opened(), deal.moved()]
    await subscriptions.deliver(marketing_sessions, [delivered(event) for event in events])

    shown = (await marketing.get(f"/v1/leads/{outcome.lead_id}", headers=keys.as_("analyst"))).json()

    assert (shown["stage"], shown["cycle"], shown["owner_rep_id"]) == ("opportunity", 1, str(REP))
    assert (shown["score"]["fit"], shown["score"]["engagement"], shown["score"]["total"]) == (50, 20, 70)
    assert {"code": "decision_maker", "points": 20} in shown["score"]["reasons"]
    assert [(step["from_stage"], step["to_stage"]) for step in shown["lifecycle"]] == [
        (None, "lead"),
        ("lead", "mql"),
        ("mql", "sal"),
        ("sal", "sql"),
        ("sql", "opportunity"),
    ]
    assert shown["deal"] == {
        "id": str(deal.deal_id),
        "stage": "demo",
        "outcome": None,
        "amount": {"amount": "0.00", "currency": "EUR"},
    }


async def test_a_returned_lead_comes_back_in_a_second_cycle_and_is_no_new_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    contact_id = clock.new_id()
    [first] = await arrive(marketing_sessions, arrival(contact_id=contact_id, hand_raiser=True))
    handoff = Handoff(first, contact_id)
    await subscriptions.deliver(
        marketing_sessions, [delivered(handoff.assigned()), delivered(handoff.returned())]
    )
    later = NOON + timedelta(days=40)

    [cold] = await arrive(marketing_sessions, arrival(contact_id=contact_id, occurred_at=later))
    [warm] = await arrive(
        marketing_sessions, arrival(contact_id=contact_id, occurred_at=later, hand_raiser=True)
    )

    assert (cold.cycle, cold.qualified, cold.created) == (1, False, False)
    assert (warm.cycle, warm.qualified, warm.created) == (2, True, False)
    shown = (await marketing.get(f"/v1/leads/{first.lead_id}", headers=keys.as_("analyst"))).json()
    assert (shown["stage"], shown["cycle"], shown["owner_rep_id"]) == ("mql", 2, None)
    assert [(step["cycle"], step["to_stage"], step["reason"]) for step in shown["lifecycle"]] == [
        (1, "lead", None),
        (1, "mql", None),
        (1, "recycled", "no_budget"),
        (2, "mql", None),
    ]


async def test_leads_are_listed_by_stage_owner_and_page(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    campaign_id = clock.new_id()
    arrivals = [arrival(hand_raiser=n < 2, campaign_id=campaign_id if n == 3 else None) for n in range(5)]
    outcomes = await arrive(marketing_sessions, *arrivals)
    handoff = Handoff(outcomes[0], arrivals[0].contact_id)
    await subscriptions.deliver(marketing_sessions, [delivered(handoff.assigned())])

    page = await lead_page(marketing, keys, limit=2)
    seen = [lead["id"] for lead in page["items"]]
    while page["next_cursor"]:
        page = await lead_page(marketing, keys, limit=2, cursor=page["next_cursor"])
        seen += [lead["id"] for lead in page["items"]]
    assert sorted(seen) == sorted(str(outcome.lead_id) for outcome in outcomes)

    qualified = await lead_page(marketing, keys, stage="mql")
    assert {lead["id"] for lead in qualified["items"]} == {str(each.lead_id) for each in outcomes[:2]}
    owned = await lead_page(marketing, keys, owner=str(REP))
    assert [lead["id"] for lead in owned["items"]] == [str(outcomes[0].lead_id)]
    brought = await lead_page(marketing, keys, campaign_id=str(campaign_id))
    assert [lead["id"] for lead in brought["items"]] == [str(outcomes[3].lead_id)]


async def test_unknown_leads_and_callers(marketing: AsyncClient, keys: Keys) -> None:
    nowhere = f"/v1/leads/{clock.new_id()}"
    assert (await marketing.get(nowhere, headers=keys.as_("marketer"))).status_code == 404
    assert (await marketing.get(nowhere, headers=keys.as_("rep"))).status_code == 403
    assert (
        await marketing.get("/v1/leads", params={"stage": "x"}, headers=keys.as_("admin"))
    ).status_code == 422


async def test_the_funnel_counts_each_lead_once_by_the_furthest_it_came(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    arrivals = [arrival(hand_raiser=n < 4) for n in range(5)]
    outcomes = await arrive(marketing_sessions, *arrivals)
    for n, outcome in enumerate(outcomes[:3]):
        handoff = Handoff(outcome, arrivals[n].contact_id)
        deal = Story(contact_id=arrivals[n].contact_id, lead_id=outcome.lead_id, cycle=1)
        events = [handoff.assigned(), handoff.accepted(), deal.opened(), deal.moved()]
        events += [deal.closed(1000)] if n == 0 else [deal.closed(outcome="lost")] if n == 1 else []
        await subscriptions.deliver(marketing_sessions, [delivered(event) for event in events])

    query = {"from": "2026-03-01", "to": "2026-04-01"}
    report = (await marketing.get("/v1/reports/funnel", params=query, headers=keys.as_("analyst"))).json()

    [funnel] = report["funnels"]
    assert [(stage["stage"], stage["leads"]) for stage in funnel["stages"]] == [
        ("lead", 5),
        ("mql", 4),
        ("sal", 3),
        ("sql", 3),
        ("opportunity", 3),
        ("customer", 1),
    ]
    assert funnel["stages"][1]["of_previous"] == 0.8
    assert (funnel["lost"], funnel["recycled"], funnel["disqualified"]) == (1, 0, 0)
    by_month = query | {"group_by": "month"}
    report = (await marketing.get("/v1/reports/funnel", params=by_month, headers=keys.as_("analyst"))).json()
    assert [each["group"] for each in report["funnels"]] == ["2026-03"]
