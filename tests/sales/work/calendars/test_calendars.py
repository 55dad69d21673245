"""What is planned is in the calendars people use, stays itself when it moves, and names nobody in a feed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from icalendar import Calendar

from services.sales.work.calendars.rules import Planned, feed, one
from shared import clock
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, rep_changed
from tests.sales.work.activities.test_work import add

SOON = (clock.now() + timedelta(days=2)).replace(microsecond=0)
FEEDS = "/v1/calendar-feeds"


def events_of(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


async def file_of(desk: Desk, activity: str) -> tuple[str, Any]:
    """The method of an activity's file and its event."""
    answer = await desk.get(f"/v1/activities/{activity}/calendar.ics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    [event] = events_of(answer.text)
    return str(Calendar.from_ical(answer.text)["method"]), event


async def made(desk: Desk) -> dict[str, Any]:
    answer = await desk.post(FEEDS, {"name": "My phone"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_activity_stays_itself_in_a_calendar(deal: dict[str, Any], ana: Desk, ben: Desk) -> None:
    title = "Kim's demo; 2 p.m., bring\nslides"
    times = {"due_at": SOON.isoformat(), "reminder_at": (SOON - timedelta(minutes=15)).isoformat()}
    planned = await add(ana, deal, kind="demo", title=title, **times)
    path = f"/v1/activities/{planned['id']}"

    method, first = await file_of(ana, planned["id"])
    await ana.patch(path, {"due_at": (SOON + timedelta(days=1)).isoformat()})
    _, moved = await file_of(ana, planned["id"])
    await ana.post(f"{path}/cancel", {"reason": "ill"})
    called_off, last = await file_of(ana, planned["id"])
    await ana.post(f"{path}/reopen")
    again, back = await file_of(ana, planned["id"])

    assert [method, called_off, again] == ["PUBLISH", "CANCEL", "PUBLISH"]
    assert {str(event["uid"]) for event in (first, moved, last, back)} == {f"{planned['id']}@leadloop"}
    assert [int(event["sequence"]) for event in (first, moved, last, back)] == [0, 1, 2, 3]
    assert [str(event["status"]) for event in (first, last, back)] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert (first["dtstart"].dt, moved["dtstart"].dt) == (SOON, SOON + timedelta(days=1))
    assert str(first["summary"]) == title  # escaped and read back
    [alarm] = first.walk("VALARM")
    assert alarm["trigger"].dt == SOON - timedelta(minutes=15)
    assert last.walk("VALARM") == []
    assert (await ben.get(f"{path}/calendar.ics")).status_code == 404


async def test_what_was_never_planned_is_in_no_calendar(deal: dict[str, Any], ana: Desk) -> None:
    done = await add(ana, deal, due_at=None, done_at="2026-01-01T10:00:00Z")

    assert (await ana.get(f"/v1/activities/{done['id']}/calendar.ics")).status_code == 409


async def test_a_feed_shows_what_is_planned_and_names_nobody(
    sales: AsyncClient, deal: dict[str, Any], ana: Desk, two_reps: None
) -> None:
    due = SOON.isoformat()
    demo = await add(ana, deal, kind="demo", title="Kim Kern", note="Kim's number", due_at=due)
    task = await add(ana, kind="task", title="Ask Kim", due_at=due)
    off = await add(ana, deal, title="Kim again", due_at=due)
    await ana.post(f"/v1/activities/{off['id']}/cancel", {"reason": "ill"})
    far = await add(ana, kind="task", due_at=(SOON + timedelta(days=400)).isoformat())
    feed = await made(ana)

    answer = await sales.get(feed["path"])  # without a token of ours

    assert answer.status_code == 200
    assert "Kim" not in answer.text
    assert answer.headers["cache-control"] == "private, max-age=300"
    events = {
        str(event["uid"]).split("@")[0]: event for event in Calendar.from_ical(answer.text).walk("VEVENT")
    }
    assert events.keys() == {demo["id"], task["id"], off["id"]}
    assert far["id"] not in events
    assert [str(events[each["id"]]["summary"]) for each in (demo, task)] == ["Demo: Northwind GmbH", "Task"]
    assert str(events[off["id"]]["status"]) == "CANCELLED"
    await ana.post(f"/v1/deals/{deal['id']}/lose", {"reason": "price"})
    left = events_of((await sales.get(feed["path"])).text)
    assert {str(event["uid"]).split("@")[0] for event in left} == {task["id"], off["id"]}


async def test_a_feed_is_its_reps_until_it_is_revoked(
    sales: AsyncClient, sales_sessions: Sessions, two_reps: None, ana: Desk, ben: Desk, mia: Desk, boss: Desk
) -> None:
    first, second = await made(ana), await made(ana)

    assert first["path"] != second["path"]
    shown = (await ana.get(FEEDS)).json()
    assert {one["id"] for one in shown} == {first["id"], second["id"]}
    assert all("path" not in one for one in shown)
    seen = [len((await desk.get(FEEDS)).json()) for desk in (ben, mia, boss)]
    assert seen == [0, 2, 2]
    assert codes([await desk.post(FEEDS, {"name": "x"}) for desk in (boss, mia)]) == [403, 403]
    gone = [await desk.delete(f"{FEEDS}/{first['id']}") for desk in (ben, mia, mia)]
    assert codes(gone) == [404, 204, 404]
    assert codes([await sales.get(one["path"]) for one in (first, second)]) == [404, 200]
    await deliver(sales_sessions, rep_changed(version=2, active=False))
    assert (await sales.get(second["path"])).status_code == 404


async def test_a_rep_has_ten_feeds(two_reps: None, ana: Desk) -> None:
    answers = [await ana.post(FEEDS, {"name": f"Phone {number}"}) for number in range(11)]

    assert codes(answers) == [201] * 10 + [409]


async def test_who_guesses_is_told_to_wait(sales: AsyncClient, two_reps: None, ana: Desk) -> None:
    feed = await made(ana)
    answers = [await sales.get(f"/v1/calendar/{number}.ics") for number in range(31)]

    assert codes(answers) == [404] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await sales.get(feed["path"])).status_code == 429  # of this network


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PLANNED = Planned(UUID(int=1), "call", NOW, 3, title="Kim", company="Northwind GmbH")


@pytest.mark.parametrize(
    ("kind", "minutes", "transparency"),
    [
        ("call", 30, "OPAQUE"),
        ("demo", 60, "OPAQUE"),
        ("task", 30, "TRANSPARENT"),
        ("email", 30, "TRANSPARENT"),
    ],
)
def test_what_takes_time_is_busy(kind: str, minutes: int, transparency: str) -> None:
    planned = Planned(UUID(int=1), kind, NOW, 1)
    [event] = events_of(one(planned, now=NOW).decode())

    assert event["duration"].dt == timedelta(minutes=minutes)
    assert str(event["transp"]) == transparency


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    text = feed([Planned(UUID(int=1), "call", NOW, 1, company="Ü" * 200)], "Leadloop", now=NOW)

    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert one(PLANNED, now=NOW).count(b"SEQUENCE:2") == 1
