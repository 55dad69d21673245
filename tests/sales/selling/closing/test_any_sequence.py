"""Whatever is asked of a deal, by however many at once: what is told, kept and shown agree."""

import asyncio
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.sales.selling.deals.tables import Deal, DealFactRecord
from shared import clock
from shared.database.sessions import Sessions
from shared.events.sales import DealAmended, DealClosed, DealStageChanged
from tests.sales.samples import Desk, codes, deliver, euros, lead_accepted, lead_returned, told

COMMANDS: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    ("stage", tuple({"stage": stage} for stage in ("new", "demo", "proposal"))),
    ("win", ({}, {"amount": {"amount": "99.99", "currency": "USD"}})),
    ("lose", ({"reason": "price"},)),
    ("reopen", ({},)),
    ("amend", tuple({"amount": {"amount": amount, "currency": "USD"}} for amount in ("10.01", "250.00"))),
    ("refunds", tuple({"amount": {"amount": amount, "currency": "USD"}} for amount in ("0.07", "33.33"))),
)


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_sequence_of_commands_keeps_facts_and_amounts_together(
    seed: int, sales_sessions: Sessions, deal: dict[str, Any], boss: Desk
) -> None:
    random, path = Random(seed), f"/v1/deals/{deal['id']}"
    day = str(clock.now().date())
    await boss.post("/v1/exchange-rates", {"base": "USD", "quote": "EUR", "valid_on": day, "rate": "0.9173"})
    await boss.patch(path, {"amount": {"amount": "120.00", "currency": "USD"}})
    await boss.post(f"{path}/stage", {"stage": "negotiation"})

    answers, done = [], set()
    for _ in range(45):
        verb, bodies = random.choice(COMMANDS)
        answers.append(await boss.post(f"{path}/{verb}", random.choice(bodies)))
        if answers[-1].status_code < 400:
            done.add(verb)

    assert set(codes(answers)) <= {200, 201, 409}
    taken = sum(answer.status_code < 400 for answer in answers)
    assert taken >= 10
    assert done >= {"stage", "win", "amend", "lose", "reopen"}  # each was possible at some time
    await facts_agree(sales_sessions, deal["id"], expected=2 + taken)


async def test_commands_at_once_take_turns(
    sales_sessions: Sessions, deal: dict[str, Any], ana: Desk, boss: Desk
) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "demo"})
    await ana.post(f"{path}/win", {"amount": euros("10.00")})

    async with sales_sessions.begin() as session:
        await session.execute(select(Deal.id).where(Deal.id == UUID(deal["id"])).with_for_update())
        asked = [
            asyncio.ensure_future(boss.post(f"{path}/refunds", {"amount": euros("3.00")})) for _ in range(6)
        ]
        await until_they_wait(sales_sessions, len(asked))
    refunds = await asyncio.gather(*asked)

    assert sorted(codes(refunds)) == [201, 201, 201, 409, 409, 409]
    await facts_agree(sales_sessions, deal["id"], expected=6)


async def until_they_wait(sessions: Sessions, count: int) -> None:
    """Until so many transactions wait for somebody's lock: then they really are at once."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(1500):
        async with sessions() as session:  # a new one each time: one transaction sees one moment of these
            if await session.scalar(text(waiting)) == count:
                return
        await asyncio.sleep(0.01)
    pytest.fail(f"Never did {count} wait at once.")


async def test_a_win_and_a_return_at_once_end_in_one_of_the_two(
    sales_sessions: Sessions, two_reps: None, ana: Desk
) -> None:
    leads = [lead_accepted() for _ in range(4)]
    await deliver(sales_sessions, *leads)
    paths = [f"/v1/deals/{deal['id']}" for deal in (await ana.get("/v1/deals")).json()["items"]]
    for path in paths:
        await ana.post(f"{path}/stage", {"stage": "demo"})

    await asyncio.gather(
        *(ana.post(f"{path}/win", {"amount": euros("10.00")}) for path in paths),
        deliver(sales_sessions, *(lead_returned(lead) for lead in leads)),
    )

    for path in paths:
        await facts_agree(sales_sessions, path.rsplit("/", 1)[1], expected=3)


async def facts_agree(sessions: Sessions, deal_id: str, *, expected: int) -> None:
    """The facts are numbered without gaps, the history has a line for each, and the last one is the deal."""
    facts = await told(sessions, deal_id)
    async with sessions() as session:
        deal = (await session.scalars(select(Deal).where(Deal.id == deal_id))).one()
        lines = (await session.scalars(select(DealFactRecord).where(DealFactRecord.deal_id == deal_id))).all()
    assert [fact.version for fact in facts] == list(range(1, expected + 1))
    assert sorted(line.version for line in lines) == list(range(2, expected + 1))
    assert deal.version == expected
    closes = [fact for fact in facts if isinstance(fact, DealClosed | DealAmended)]
    if closes:
        last = closes[-1]
        won = last.outcome == "won"
        earns = deal.amount_minor - deal.refunded_minor if deal.state == "won" else 0
        assert (won, last.amount_minor, last.reporting_amount_minor) == (
            deal.state == "won",
            earns,
            deal.reporting_minor,
        )
    assert sum(fact.became_opportunity for fact in facts if isinstance(fact, DealStageChanged)) <= 1
