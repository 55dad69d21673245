"""A lead is an SQL when its deal first enters a stage that qualifies, and not because a deal exists.

The vector of the definitions: accepted 1 May, in the entry stage until 9 May, then `demo`, which qualifies,
then `proposal` on 20 May.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.handoff import LeadAccepted
from shared.events.sales import DealClosed, DealOpened, DealStageChanged
from tests.marketing.people.contacts.test_whose_word import Doors
from tests.support.keys import Keys
from tests.support.samples import delivered

DEAL, REP = UUID(int=41), UUID(int=42)


def may(day: int) -> datetime:
    return datetime(2026, 5, day, 10, tzinfo=UTC)


def move(lead: dict[str, Any], version: int, stage: str, day: int, **became: Any) -> DealStageChanged:
    return DealStageChanged(
        **lead,
        version=version,
        deal_id=DEAL,
        from_stage="new",
        to_stage=stage,
        probability=20,
        counts_as_pipeline=stage == "proposal",
        amount_minor=0,
        currency="EUR",
        changed_at=may(day),
        **{"became_qualified": False, "became_opportunity": False} | became,
    )


@pytest.fixture
async def lead(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> dict[str, Any]:
    """A lead accepted on 1 May, whose deal is open."""
    doors = await Doors.open(marketing, keys, marketing_sessions)
    came = await doors.form_says(email="kim@northwind-gmbh.com", name="Kim", message="Call me")
    lead = {"lead_id": UUID(came["lead_id"]), "cycle": 1}
    accepted = LeadAccepted(
        **lead,
        version=2,
        hop=1,
        contact_id=UUID(came["contact_id"]),
        rep_id=REP,
        team_id=UUID(int=43),
        qualified_at=may(1),
        assigned_at=may(1),
        accepted_at=may(1),
        source="web_form",
        score=50,
    )
    opened = DealOpened(
        **lead,
        version=1,
        deal_id=DEAL,
        origin="lead",
        contact_ids=(UUID(came["contact_id"]),),
        rep_id=REP,
        pipeline_id=clock.new_id(),
        stage="new",
        amount_minor=0,
        currency="EUR",
        opened_at=may(1),
    )
    await subscriptions.deliver(marketing_sessions, [delivered(accepted), delivered(opened)])
    return lead


async def reached(marketing: AsyncClient, keys: Keys, lead: dict[str, Any]) -> dict[str, str]:
    page = await marketing.get(f"/v1/leads/{lead['lead_id']}", headers=keys.as_("analyst"))
    return {step["to_stage"]: step["at"][:10] for step in page.json()["lifecycle"]}


async def test_the_vector_of_the_definitions(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, lead: dict[str, Any]
) -> None:
    assert "sql" not in await reached(marketing, keys, lead)  # a deal exists, and no more
    news = [
        move(lead, 2, "demo", 9, became_qualified=True),
        move(lead, 3, "proposal", 20, became_opportunity=True),
    ]
    await subscriptions.deliver(marketing_sessions, [delivered(event) for event in news])

    found = await reached(marketing, keys, lead)

    assert {name: found[name] for name in ("sal", "sql", "opportunity")} == {
        "sal": "2026-05-01",
        "sql": "2026-05-09",
        "opportunity": "2026-05-20",
    }


async def test_lost_from_the_entry_stage_is_an_sal_and_no_sql(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, lead: dict[str, Any]
) -> None:
    lost = DealClosed(
        **lead,
        version=2,
        deal_id=DEAL,
        rep_id=REP,
        origin="lead",
        outcome="lost",
        reason="price",
        amount_minor=0,
        currency="EUR",
        reporting_amount_minor=0,
        reporting_currency="EUR",
        rate="1",
        closed_on=may(9).date(),
        closed_at=may(9),
    )
    await subscriptions.deliver(marketing_sessions, [delivered(lost)])

    assert {"sal", "lost"} <= (await reached(marketing, keys, lead)).keys()
    assert "sql" not in await reached(marketing, keys, lead)


@pytest.mark.parametrize(("became", "right"), [(True, {"sql", "opportunity"}), (False, set())])
async def test_what_was_told_before_it_was_told_apart(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    lead: dict[str, Any],
    became: bool,
    right: set[str],
) -> None:
    old = move(lead, 2, "proposal", 9, became_qualified=None, became_opportunity=became)
    await subscriptions.deliver(marketing_sessions, [delivered(old)])

    assert (await reached(marketing, keys, lead)).keys() & {"sql", "opportunity"} == right
