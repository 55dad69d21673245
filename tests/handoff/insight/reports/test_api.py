"""Speed-to-lead over HTTP."""

from datetime import timedelta

from shared import clock
from tests.handoff.samples import House, lead_qualified

PATH = "/v1/reports/speed-to-lead"


async def test_unanswered_leads_stay_in_the_denominator(house: House) -> None:
    await house.hire("ana")
    received = clock.now() - timedelta(minutes=2)
    leads = [lead_qualified(received_at=received, qualified_at=received) for _ in range(4)]
    await house.hear(*leads)
    await house.answer(leads[0], "accept")
    await house.answer(leads[0], "first-response", channel="call")

    report = await house.done("admin", "boss", "GET", PATH)

    total = report["total"]
    assert (total["leads"], total["answered"]) == (4, 1)
    assert total["answered_within"]["5_min"] == {"leads": 1, "share": 0.25}
    response = total["segments"]["receipt_to_response"]
    assert (response["over"], response["open"], response["median_seconds"]) == (1, 3, None)
    assert total["segments"]["qualified_to_assigned"]["over"] == 4


async def test_backfilled_leads_are_left_out_and_counted(house: House) -> None:
    await house.hire("ana")
    now = clock.now()
    await house.hear(
        lead_qualified(received_at=now, qualified_at=now),
        lead_qualified(received_at=now, qualified_at=now, backfilled=True),
    )

    report = await house.done("admin", "boss", "GET", PATH)

    assert (report["total"]["leads"], report["backfilled_left_out"]) == (1, 1)


async def test_every_cycle_has_its_own_clock(house: House) -> None:
    await house.hire("ana")
    now = clock.now()
    lead = lead_qualified(received_at=now - timedelta(days=2), qualified_at=now - timedelta(days=2))
    await house.hear(lead)
    await house.answer(lead, "accept")
    await house.answer(lead, "return", reason="no_need")
    again = {"cycle": 2, "version": 2, "received_at": now, "qualified_at": now}
    await house.hear(lead.model_copy(update=again))

    days = {"from": str(now.date()), "to": str(now.date() + timedelta(days=1))}
    today = await house.done("admin", "boss", "GET", PATH, params=days)
    both = await house.done("admin", "boss", "GET", PATH)

    assert (today["total"]["leads"], both["total"]["leads"]) == (1, 2)


async def test_groups_by_rep_team_and_source(house: House) -> None:
    ana = await house.hire("ana", capacity=1)
    now = clock.now()
    await house.hear(*[lead_qualified(received_at=now, qualified_at=now) for _ in range(2)])

    found = {}
    for group_by in ("rep", "team", "source"):
        report = await house.done("admin", "boss", "GET", PATH, params={"group_by": group_by})
        found[group_by] = [(each["key"], each["label"], each["leads"]) for each in report["groups"]]

    assert found["rep"] == [(None, None, 1), (ana, "Ana", 1)]
    assert [(label, leads) for _, label, leads in found["team"]] == [("Sales", 2)]
    assert found["source"] == [("web_form", "web_form", 2)]


async def test_an_empty_period_is_refused(house: House) -> None:
    params = {"from": "2026-03-02", "to": "2026-03-02"}

    refused = await house.call("admin", "boss", "GET", PATH, params=params)

    assert refused.status_code == 422
