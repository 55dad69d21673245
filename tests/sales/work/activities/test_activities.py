from datetime import timedelta
from typing import Any

from shared import clock
from tests.sales.samples import Desk, codes

HOUR = timedelta(hours=1)


def at(offset: timedelta) -> str:
    return (clock.now() + offset).isoformat()


async def test_what_is_overdue_is_shown_most_urgent_first(deal: dict[str, Any], ana: Desk, ben: Desk) -> None:
    path = f"/v1/deals/{deal['id']}/activities"
    for kind, due in (("call", -1 * HOUR), ("demo", 2 * HOUR), ("email", -3 * HOUR)):
        assert (await ana.post(path, {"kind": kind, "due_at": at(due)})).status_code == 201
    await ana.post(path, {"kind": "meeting", "due_at": at(-2 * HOUR), "done_at": at(-1 * HOUR)})

    async def kinds(desk: Desk, **due: str) -> list[str]:
        return [each["kind"] for each in (await desk.get("/v1/activities", **due)).json()["items"]]

    assert await kinds(ana, due="overdue") == ["email", "call"]
    assert await kinds(ana, due="upcoming") == ["demo"]
    assert await kinds(ana) == ["meeting", "email", "demo", "call"]
    assert await kinds(ben) == []


async def test_a_planned_activity_is_done_with_an_outcome(deal: dict[str, Any], ana: Desk, ben: Desk) -> None:
    path = f"/v1/deals/{deal['id']}/activities"
    planned = (await ana.post(path, {"kind": "demo", "due_at": at(HOUR), "note": "Show reports"})).json()
    done = {"done_at": at(-HOUR), "outcome": "interested"}

    assert (await ben.patch(f"/v1/activities/{planned['id']}", done)).status_code == 404
    answer = await ana.patch(f"/v1/activities/{planned['id']}", done, **{"If-Match": '"1"'})
    again = await ana.patch(f"/v1/activities/{planned['id']}", done, **{"If-Match": '"1"'})

    assert codes([answer, again]) == [200, 412]
    assert (answer.json()["outcome"], answer.json()["note"]) == ("interested", "Show reports")


MALFORMED: list[dict[str, Any]] = [
    {"kind": "call"},
    {"kind": "fax", "due_at": "2026-01-01T10:00:00Z"},
    {"kind": "call", "due_at": "2026-01-01T10:00:00"},
    {"kind": "call", "done_at": "2126-01-01T10:00:00Z"},
    {"kind": "call", "due_at": "2026-01-01T10:00:00Z", "outcome": "reached"},
]
UNFINISHED: list[dict[str, Any]] = [
    {"due_at": None},
    {"outcome": "reached"},
    {"done_at": "2126-01-01T10:00:00Z"},
]


async def test_malformed_activities_are_refused(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}/activities"

    assert codes([await ana.post(path, body) for body in MALFORMED]) == [422] * len(MALFORMED)


async def test_a_change_leaves_an_activity_planned_or_done(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}/activities"
    planned = (await ana.post(path, {"kind": "call", "due_at": at(HOUR)})).json()

    answers = [await ana.patch(f"/v1/activities/{planned['id']}", change) for change in UNFINISHED]

    assert codes(answers) == [422] * len(UNFINISHED)
