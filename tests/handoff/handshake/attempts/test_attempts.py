"""D14: what a rep logs in sales stops the clock; nobody has to say so a second time."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from services.handoff.handshake.attempts.rules import Attempt, is_attempt, is_connect, response_of
from shared import clock
from shared.database.sessions import Sessions, driver
from shared.events.marketing import LeadQualified
from shared.events.sales import ActivityLogged
from tests.handoff.samples import House, lead_qualified
from tests.support.samples import NOON

CALL, MAIL = UUID(int=71), UUID(int=72)
MINUTE = timedelta(minutes=1)


def logged(lead: LeadQualified, at: datetime, **changes: Any) -> ActivityLogged:
    values: dict[str, Any] = {
        "version": 1,
        "activity_id": CALL,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "contact_ids": (lead.contact_id,),
        "kind": "call",
        "direction": "outbound",
        "occurred_at": at,
    }
    return ActivityLogged(**(values | changes))


async def accepted(house: House, **changes: Any) -> LeadQualified:
    await house.hire("ana")
    lead = lead_qualified(**changes)
    await house.hear(lead)
    await house.answer(lead, "accept")
    return lead


async def clocks(house: House, lead: LeadQualified) -> tuple[Any, Any, Any]:
    shown = (await house.offer_of(lead))["lead"]
    moment = shown["responded_at"], shown["connected_at"]
    read = [None if one is None else datetime.fromisoformat(one) for one in moment]
    return read[0], shown["response_channel"], read[1]


async def test_the_first_call_is_the_first_response(house: House, handoff_sessions: Sessions) -> None:
    lead = await accepted(house)
    now = clock.now()

    await house.hear(logged(lead, now, outcome="connected"), logged(lead, now + MINUTE, activity_id=MAIL))

    assert await clocks(house, lead) == (now, "call", now)
    async with handoff_sessions.begin() as session:
        rows = await (await driver(session)).fetch(
            "SELECT version FROM outbox WHERE type LIKE '%first_response_made%'"
        )
    assert len(rows) == 1


async def test_any_order_of_corrections_gives_the_same(house: House, handoff_sessions: Sessions) -> None:
    lead = await accepted(house)
    now = clock.now()
    news = [
        logged(lead, now, outcome="connected"),
        logged(lead, now + 2 * MINUTE, version=2, outcome="no_answer"),  # it was later, and nobody was there
        logged(lead, now + 5 * MINUTE, activity_id=MAIL, kind="email", direction="inbound"),
    ]
    for order in permutations(news):
        async with handoff_sessions.begin() as session:
            await (await driver(session)).execute("DELETE FROM lead_attempts; DELETE FROM inbox")
        for event in order:
            await house.hear(event)

        assert await clocks(house, lead) == (now + 2 * MINUTE, "call", now + 5 * MINUTE)


async def test_what_did_not_happen_after_all_lets_the_clock_run_on(house: House) -> None:
    lead = await accepted(house)
    now = clock.now()
    await house.hear(logged(lead, now))
    await house.hear(logged(lead, now, version=2, cancelled=True))
    assert await clocks(house, lead) == (None, None, None)

    await house.hear(logged(lead, now + MINUTE, activity_id=MAIL, kind="email"))

    assert await clocks(house, lead) == (now + MINUTE, "email", None)


async def test_what_the_rep_stated_stands_beside_it(house: House) -> None:
    lead = await accepted(house)
    stated = (await house.answer(lead, "first-response", channel="message"))["lead"]["responded_at"]
    at = datetime.fromisoformat(stated)

    await house.hear(logged(lead, at - MINUTE / 60))
    before = await clocks(house, lead)
    await house.hear(logged(lead, at, version=2, cancelled=True))

    assert before[:2] == (at - MINUTE / 60, "call")
    assert (await clocks(house, lead))[:2] == (at, "message")


async def test_of_another_cycle_or_no_lead_of_ours_nothing_stops(house: House) -> None:
    lead = await accepted(house)
    now = clock.now()

    await house.hear(
        logged(lead, now, cycle=2),
        logged(lead, lead.qualified_at - MINUTE, activity_id=MAIL),
        logged(lead, now, activity_id=UUID(int=73), lead_id=None, cycle=None),
    )

    assert await clocks(house, lead) == (None, None, None)


@pytest.mark.parametrize(
    ("facts", "counts", "connected"),
    [
        ({"kind": "call", "direction": "outbound"}, True, False),
        ({"kind": "call", "direction": "outbound", "outcome": "connected"}, True, True),
        ({"kind": "call", "direction": "inbound"}, False, True),
        ({"kind": "email", "direction": "outbound", "outcome": "replied"}, True, True),
        ({"kind": "email", "direction": "outbound", "by_human": False}, False, False),
        ({"kind": "demo", "direction": "outbound"}, True, True),
        ({"kind": "demo", "direction": "outbound", "outcome": "no_show"}, True, False),
        ({"kind": "call", "direction": "outbound", "cancelled": True, "outcome": "connected"}, False, False),
    ],
)
def test_who_stops_which_clock(facts: dict[str, Any], counts: bool, connected: bool) -> None:
    told = {"outcome": None, "by_human": True, "cancelled": False} | facts
    kind, direction, outcome = told["kind"], told["direction"], told["outcome"]

    assert is_attempt(direction, by_human=told["by_human"], cancelled=told["cancelled"]) is counts
    assert is_connect(kind, direction, outcome, cancelled=told["cancelled"]) is connected


def test_the_earliest_counts_and_what_was_before_is_of_another_cycle() -> None:
    attempts = [
        Attempt(MAIL, None, "email", NOON + 3 * MINUTE),
        Attempt(CALL, None, "call", NOON + 2 * MINUTE),
        Attempt(UUID(int=73), None, "call", NOON - MINUTE),
        Attempt(UUID(int=74), None, "call", NOON + MINUTE, counts=False, connected=True),
    ]

    found = response_of(attempts, qualified_at=NOON)

    assert (found.responded_at, found.activity_id, found.connected_at) == (
        NOON + 2 * MINUTE,
        CALL,
        NOON + MINUTE,
    )
