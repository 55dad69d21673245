import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.marketing.funnel.leads.arrivals import ScoredSubmission
from services.marketing.funnel.leads.rules import Registered
from services.marketing.funnel.leads.use_cases import register
from shared import clock
from shared.database.sessions import Sessions, driver
from shared.events.marketing import LeadQualified
from tests.support.samples import NOON, moment_of


def arrival(**changes: Any) -> ScoredSubmission:
    values: dict[str, Any] = {
        "contact_id": clock.new_id(),
        "submission_id": clock.new_id(),
        "received_at": NOON,
        "occurred_at": NOON,
        "source": "web_form",
    }
    return ScoredSubmission(**(values | changes))


async def arrive(sessions: Sessions, *arrivals: ScoredSubmission) -> list[Registered]:
    async with sessions.begin() as session:
        return await register(session, arrivals, now=NOON)


async def rows(sessions: Sessions, query: str, *values: Any) -> list[Any]:
    async with sessions.begin() as session:
        return list(await (await driver(session)).fetch(query, *values))


async def test_the_first_arrival_makes_a_lead_and_a_touch(marketing_sessions: Sessions) -> None:
    first = arrival(utm={"medium": "cpc", "campaign": "spring"})

    [outcome] = await arrive(marketing_sessions, first)

    assert (outcome.created, outcome.qualified, outcome.cycle) == (True, False, 1)
    assert moment_of(outcome.lead_id) == NOON, "lists are in the order of ids, whose clock is the database's"
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
    staged = await rows(marketing_sessions, "SELECT key, version, type FROM outbox ORDER BY version")
    assert [tuple(row) for row in staged] == [
        (str(outcomes[0].lead_id), version, f"leadloop.marketing.{kind}.v1")
        for version, kind in enumerate(["lead_qualified", *["lead_resubmitted"] * 3], start=1)
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


async def test_two_workers_with_the_same_contact_make_one_lead(marketing_sessions: Sessions) -> None:
    contact_id = clock.new_id()
    held, waiting = arrival(contact_id=contact_id, hand_raiser=True), arrival(contact_id=contact_id)
    async with marketing_sessions() as session:
        [first] = await register(session, [held], now=NOON)
        other = asyncio.create_task(arrive(marketing_sessions, waiting, arrival()))
        await until_someone_waits(marketing_sessions)
        await session.commit()
    [second, stranger] = await other

    assert (first.lead_id, first.created, first.qualified) == (second.lead_id, True, True)
    assert (second.created, second.qualified) == (False, False)
    assert stranger.created
    assert await rows(marketing_sessions, "SELECT arrivals FROM leads WHERE id = $1", first.lead_id) == [(2,)]
    told = await rows(marketing_sessions, "SELECT split_part(type, '.', 3) FROM outbox ORDER BY version")
    assert [kind for (kind,) in told] == ["lead_qualified", "lead_resubmitted"]


async def until_someone_waits(sessions: Sessions, people: int = 1) -> None:
    """Until so many other transactions of this database wait for a lock."""
    while True:
        waits = await rows(
            sessions,
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()",
        )
        if waits[0][0] >= people:
            return
        await asyncio.sleep(0.01)


async def test_a_backfill_counts_when_it_happened_and_keeps_when_we_learned_it(
    marketing_sessions: Sessions,
) -> None:
    long_ago = NOON - timedelta(days=20)

    await arrive(marketing_sessions, arrival(occurred_at=long_ago, backfilled=True, hand_raiser=True))

    [lead] = await rows(marketing_sessions, "SELECT occurred_at, recorded_at FROM leads")
    assert tuple(lead) == (long_ago, NOON)
    [cycle] = await rows(marketing_sessions, "SELECT qualified_at, received_at FROM lead_cycles")
    assert tuple(cycle) == (long_ago, NOON)
    [(data,)] = await rows(marketing_sessions, "SELECT data FROM outbox")
    told = LeadQualified.model_validate_json(data)
    assert (told.received_at, told.qualified_at, told.backfilled) == (NOON, NOON, True)


async def test_history_is_held_until_the_person_writes(marketing_sessions: Sessions) -> None:
    contact_id, long_ago = clock.new_id(), NOON - timedelta(days=900)
    past = {"contact_id": contact_id, "hand_raiser": True, "backfilled": True, "occurred_at": long_ago}

    await arrive(marketing_sessions, arrival(**past))
    await arrive(marketing_sessions, arrival(**past))
    await arrive(marketing_sessions, arrival(contact_id=contact_id, hand_raiser=True))

    events = [
        LeadQualified.model_validate_json(data)
        for (data,) in await rows(marketing_sessions, "SELECT data FROM outbox ORDER BY id")
    ]
    assert [(told.cycle, told.version, told.backfilled, told.route) for told in events] == [
        (1, 1, True, False),
        (2, 2, False, False),
    ]
    cycles = await rows(marketing_sessions, "SELECT cycle, stage, backfill FROM lead_cycles ORDER BY cycle")
    assert [tuple(row) for row in cycles] == [(1, "mql", "held"), (2, "mql", None)]
    assert await rows(marketing_sessions, "SELECT sum(leads), sum(mqls) FROM lead_days") == [(1, 1)]


async def test_history_that_is_to_be_routed_says_so(marketing_sessions: Sessions) -> None:
    past = arrival(hand_raiser=True, backfilled=True, route=True, occurred_at=NOON - timedelta(days=2))

    await arrive(marketing_sessions, past, arrival(hand_raiser=True, route=True))

    told = [
        LeadQualified.model_validate_json(data)
        for (data,) in await rows(marketing_sessions, "SELECT data FROM outbox")
    ]
    assert {(each.backfilled, each.route) for each in told} == {(True, True), (False, False)}


async def test_what_is_told_carries_no_answers(marketing_sessions: Sessions) -> None:
    planted = {"job_title": "Chief Xylophone", "budget": "777", "message_length": "99"}

    await arrive(marketing_sessions, arrival(answers=planted, hand_raiser=True, company_size=5))

    [(data,)] = await rows(marketing_sessions, "SELECT data FROM outbox")
    told = LeadQualified.model_validate_json(data)
    assert set(told.reasons) >= {"decision_maker", "named_a_budget", "wrote_a_message"}
    assert b"Xylophone" not in data
    assert b"777" not in data


async def test_facts_of_earlier_arrivals_still_count(marketing_sessions: Sessions) -> None:
    contact_id = clock.new_id()
    strong = {"company_size": 500, "company_domain": "example.com"}
    director = {"job_title": "director"}

    [first] = await arrive(
        marketing_sessions, arrival(contact_id=contact_id, source="api", answers=director, **strong)
    )
    [second] = await arrive(marketing_sessions, arrival(contact_id=contact_id))

    assert (first.qualified, second.qualified) == (True, False)
    [(fit, engagement)] = await rows(marketing_sessions, "SELECT fit, engagement FROM leads")
    assert (fit, engagement) == (50, 35)
