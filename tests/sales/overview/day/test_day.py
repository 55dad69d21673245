"""A rep's day: what is due, and what may have been forgotten."""

from datetime import timedelta
from typing import Any

from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import ANA, BEN, Desk, codes, deliver, lead_accepted, rep_changed
from tests.sales.work.activities.test_activities import HOUR, at


async def test_what_there_is_to_do(
    deal: dict[str, Any], sales_sessions: Sessions, ana: Desk, ben: Desk, mia: Desk
) -> None:
    await deliver(sales_sessions, lead_accepted(), lead_accepted(rep_id=BEN))
    path = f"/v1/deals/{deal['id']}/activities"
    late = (await ana.post(path, {"kind": "call", "due_at": at(-HOUR)})).json()
    yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
    await ana.patch(f"/v1/deals/{deal['id']}", {"expected_close_on": yesterday})

    day = (await ana.get("/v1/day")).json()

    assert day["rep_id"] == str(ANA)
    assert [each["id"] for each in day["overdue"]["items"]] == [late["id"]]
    assert day["overdue"]["count"] == 1
    assert [each["id"] for each in day["past_expected_close"]["items"]] == [deal["id"]]
    [idle] = day["without_next_step"]["items"]  # the other lead's: nothing is planned for it
    assert idle["id"] != deal["id"]
    assert (await mia.get("/v1/day", rep_id=str(ANA))).json()["overdue"] == day["overdue"]
    refused = [
        await ben.get("/v1/day", rep_id=str(ANA)),
        await mia.get("/v1/day", rep_id=str(BEN)),
        await mia.get("/v1/day"),  # she is no rep
    ]
    assert codes(refused) == [422, 422, 422]


async def test_today_is_what_is_today_there(deal: dict[str, Any], ana: Desk) -> None:
    """Somewhere it is tomorrow already, somewhere it is still yesterday."""
    days = {
        zone: (await ana.get("/v1/day", time_zone=zone)).json()["day"]
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")
    }

    assert days["Pacific/Kiritimati"] > days["Pacific/Pago_Pago"]


async def test_who_has_left_has_no_day(
    deal: dict[str, Any], sales_sessions: Sessions, ana: Desk, mia: Desk
) -> None:
    await deliver(sales_sessions, rep_changed(active=False, version=2))

    assert (await ana.get("/v1/day")).status_code == 422
    handed_over = (await mia.get("/v1/day", rep_id=str(ANA))).json()
    assert handed_over["without_next_step"]["count"] == 1


async def test_more_than_fifty_are_counted(deal: dict[str, Any], ana: Desk) -> None:
    for _ in range(52):
        await ana.post("/v1/activities", {"kind": "task", "due_at": at(-HOUR)})

    overdue = (await ana.get("/v1/day")).json()["overdue"]

    assert (overdue["count"], len(overdue["items"])) == (52, 50)
