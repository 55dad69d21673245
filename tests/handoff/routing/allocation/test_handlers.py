"""Qualified leads are shared out: once each, fairly, whoever does it."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from services.handoff.subscriptions import subscriptions
from shared import clock
from tests.handoff.samples import SALES, House, lead_qualified
from tests.support.loop import until
from tests.support.samples import delivered, moment_of


async def test_a_batch_is_shared_out_by_weight_and_the_ledger_proves_it(house: House) -> None:
    await house.hire("ana", weight=2)
    await house.hire("ben")
    await house.hire("cleo")

    await house.hear(*[lead_qualified() for _ in range(40)])

    [ledger] = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert {share["display_name"]: share["received"] for share in ledger["reps"]} == {
        "Ana": 20,
        "Ben": 10,
        "Cleo": 10,
    }
    assert ledger["largest_deviation"] == 0
    assert ledger["proof"]["holds"]
    assert ledger["proof"]["most_ahead"] < 1


async def test_hot_and_warm_leads_have_a_ledger_and_a_deadline_each(house: House) -> None:
    await house.hire("ana")
    hot, warm = lead_qualified(score=80), lead_qualified(score=79)

    await house.hear(hot, warm)

    offers = {offer["band"]: offer for offer in await house.offers()}
    made, offered = moment_of(UUID(offers["hot"]["id"])), datetime.fromisoformat(offers["hot"]["offered_at"])
    assert timedelta(0) <= offered - made < timedelta(milliseconds=1), "an id is as old as its offer"
    assert offers["hot"]["lead"]["lead_id"] == str(hot.lead_id)
    assert await hours(house) == {"hot": 1, "warm": 24}
    report = await house.done("admin", "boss", "GET", "/v1/reports/fairness")
    assert [ledger["band"] for ledger in report["ledgers"]] == ["hot", "warm"]


async def test_the_same_event_again_changes_nothing(house: House) -> None:
    await house.hire("ana")
    envelope = delivered(lead_qualified())

    await subscriptions.deliver(house.sessions, [envelope, envelope])
    await subscriptions.deliver(house.sessions, [envelope])
    forgotten_by_the_inbox = envelope.model_copy(update={"id": clock.new_id()})
    await subscriptions.deliver(house.sessions, [forgotten_by_the_inbox])

    assert len(await house.offers()) == 1
    assert await house.told_types() == ["lead_assigned"]


async def test_an_older_cycle_changes_nothing(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified(cycle=3)
    await house.hear(lead)

    await house.hear(lead.model_copy(update={"cycle": 2}))

    assert [offer["lead"]["cycle"] for offer in await house.offers()] == [3]


async def test_a_newer_cycle_overtakes_an_offer_nobody_answered(house: House) -> None:
    await house.hire("ana", capacity=1)
    lead = lead_qualified()
    await house.hear(lead)
    old = await house.offer_of(lead)

    await house.hear(lead.model_copy(update={"cycle": 2, "version": 2}))

    offers = {offer["lead"]["cycle"]: offer for offer in await house.offers()}
    assert (offers[1]["state"], offers[1]["reason"]) == ("closed", "superseded")
    assert offers[2]["state"] == "offered"
    assert [row.version for row in await house.told()] == [1, 2]
    late = await house.call("rep", "ana", "POST", f"/v1/assignments/{old['id']}/accept")
    assert late.status_code == 409
    assert "superseded" in late.json()["detail"]


async def test_both_cycles_in_one_batch_end_the_same(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()

    await house.hear(lead, lead.model_copy(update={"cycle": 2, "version": 2}))

    assert {(offer["lead"]["cycle"], offer["state"]) for offer in await house.offers()} == {
        (1, "closed"),
        (2, "offered"),
    }
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    assert [rep["open_leads"] for rep in page["items"]] == [1]


async def test_two_workers_sharing_out_at_once_keep_the_ledger_exact(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        await house.hire(name, capacity=40)
    first, *batches = [[delivered(lead_qualified()) for _ in range(20)] for _ in range(8)]
    await subscriptions.deliver(house.sessions, first)  # from here on there is a ledger

    async with house.sessions.begin() as session:
        await session.execute(text("SELECT 1 FROM ledgers FOR UPDATE"))
        sharing = [asyncio.create_task(subscriptions.deliver(house.sessions, batch)) for batch in batches]
        await until(lambda: house.are_waiting(len(batches)), "all of them came to the ledger at once")
    await asyncio.gather(*sharing)

    offers = await house.offers()
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    pool = await house.done("admin", "boss", "GET", "/v1/pool", params={"limit": 200})
    [ledger] = (await house.done("admin", "boss", "GET", "/v1/reports/fairness"))["ledgers"]
    assert [rep["open_leads"] for rep in page["items"]] == [40, 40, 40]
    assert (len(offers), len(pool["items"])) == (120, 40)
    assert ledger["proof"]["holds"]


async def test_both_bands_at_once_never_overfill_a_rep(house: House) -> None:
    await house.hire("ana", capacity=10)
    batches = [[delivered(lead_qualified(score=score)) for _ in range(10)] for score in (90, 10) * 3]

    await asyncio.gather(*(subscriptions.deliver(house.sessions, batch) for batch in batches))

    assert len(await house.offers()) == 10


async def test_nothing_a_person_could_be_known_by_is_stored_or_told(house: House) -> None:
    await house.hire("ana")
    await house.hear(lead_qualified())

    columns = await house.run(
        "SELECT column_name FROM information_schema.columns WHERE table_name IN ('leads', 'assignments')"
    )
    names = {row[0] for row in columns}
    assert names.isdisjoint({"email", "phone", "name", "given_name", "family_name", "address"})


async def test_no_lead_is_ever_unowned_or_forgotten(house: House) -> None:
    leads = [lead_qualified(score=score) for score in (10, 90)]

    await house.hear(*leads)

    pool = await house.done("admin", "boss", "GET", "/v1/pool")
    assert {each["lead_id"] for each in pool["items"]} == {str(lead.lead_id) for lead in leads}
    assert {each["team_id"] for each in pool["items"]} == {str(SALES)}
    assert UUID(pool["items"][0]["contact_id"])


async def hours(house: House) -> dict[str, float]:
    rows = await house.run(
        "SELECT band, extract(epoch FROM answer_by - offered_at) / 3600 AS hours FROM assignments"
    )
    return {row[0]: float(row[1]) for row in rows}
