from typing import Any
from uuid import UUID

from services.marketing.leads.rules import Arrival, Registered
from services.marketing.leads.use_cases import register
from shared import clock, database
from shared.database import Sessions
from tests.support.samples import NOON


def arrival(**changes: Any) -> Arrival:
    values: dict[str, Any] = {
        "contact_id": clock.new_id(),
        "submission_id": clock.new_id(),
        "received_at": NOON,
        "occurred_at": NOON,
        "source": "web_form",
    }
    return Arrival(**(values | changes))


async def arrive(sessions: Sessions, *arrivals: Arrival) -> list[Registered]:
    async with sessions.begin() as session:
        return await register(session, arrivals, now=NOON)


async def rows(sessions: Sessions, query: str, *values: Any) -> list[Any]:
    async with sessions.begin() as session:
        return list(await (await database.driver(session)).fetch(query, *values))


async def test_the_first_arrival_makes_a_lead_and_a_touch(marketing_sessions: Sessions) -> None:
    first = arrival(utm={"medium": "cpc", "campaign": "spring"})

    [outcome] = await arrive(marketing_sessions, first)

    assert (outcome.created, outcome.qualified, outcome.cycle) == (True, False, 1)
    [touch] = await rows(marketing_sessions, "SELECT contact_id, submission_id, channel FROM touches")
    assert tuple(touch) == (first.contact_id, first.submission_id, "paid_search")
    [log] = await rows(marketing_sessions, "SELECT stage, at FROM lifecycle_log")
    assert tuple(log) == ("lead", NOON)


async def test_a_hand_raiser_qualifies_at_once_and_is_announced_once(marketing_sessions: Sessions) -> None:
    contact_id = clock.new_id()

    outcomes = await arrive(
        marketing_sessions, *(arrival(contact_id=contact_id, hand_raiser=True) for _ in range(3))
    )
    later = await arrive(marketing_sessions, arrival(contact_id=contact_id, hand_raiser=True))

    assert [outcome.qualified for outcome in outcomes + later] == [True, False, False, False]
    assert [outcome.created for outcome in outcomes + later] == [True, False, False, False]
    staged = await rows(marketing_sessions, "SELECT key, version, type FROM outbox")
    assert [tuple(row) for row in staged] == [
        (str(outcomes[0].lead_id), 1, "leadloop.marketing.lead_qualified.v1")
    ]
    assert len(await rows(marketing_sessions, "SELECT id FROM touches")) == 4


async def test_arrivals_of_many_contacts_answer_in_order(marketing_sessions: Sessions) -> None:
    arrivals = [arrival(hand_raiser=n % 2 == 0) for n in range(40)]

    outcomes = await arrive(marketing_sessions, *arrivals)

    assert [outcome.qualified for outcome in outcomes] == [n % 2 == 0 for n in range(40)]
    stored: dict[UUID, UUID] = {
        row[0]: row[1] for row in await rows(marketing_sessions, "SELECT contact_id, id FROM leads")
    }
    assert [stored[each.contact_id] for each in arrivals] == [outcome.lead_id for outcome in outcomes]
