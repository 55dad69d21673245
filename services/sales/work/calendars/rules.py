"""An activity as a calendar shows it. Pure.

RFC 5545: a UID that stays (3.8.4.7), a SEQUENCE that rises with every change (3.8.7.4), CANCELLED when it is
called off (3.8.1.11), and a METHOD that says which of the two a file is (RFC 5546, 3.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from icalendar import Alarm, Calendar, Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Leadloop//Sales//EN"
HOW_LONG = {
    "demo": timedelta(hours=1),
    "presentation": timedelta(hours=1),
    "meeting": timedelta(hours=1),
}
SHORT = timedelta(minutes=30)
# What takes a rep's time; a task or a mail is done beside other things.
BUSY = frozenset({"call", *HOW_LONG})


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned, when, and which state of it this is."""

    id: UUID
    kind: str
    due_at: datetime
    revision: int
    cancelled: bool = False
    reminder_at: datetime | None = None
    title: str | None = None
    company: str | None = None


def hash_of(token: str) -> bytes:
    """What is kept of a token: it is random, so one round is enough."""
    return sha256(token.encode()).digest()


def summary(planned: Planned, *, private: bool) -> str:
    """What the calendar shows. In a feed, which others keep for the rep, no text that may name a person."""
    if planned.title and not private:
        return planned.title
    kind = planned.kind.replace("_", " ").capitalize()
    return f"{kind}: {planned.company}" if planned.company else kind


def one(planned: Planned, *, now: datetime) -> bytes:
    """A file that puts it into a calendar, moves it there, or takes it out."""
    calendar = _calendar("CANCEL" if planned.cancelled else "PUBLISH")
    calendar.add_component(_event(planned, private=False, now=now))
    return bytes(calendar.to_ical())


def feed(planned: Iterable[Planned], name: str, *, now: datetime) -> bytes:
    """A calendar that others fetch again and again: what was called off is in it as cancelled."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for each in planned:
        calendar.add_component(_event(each, private=True, now=now))
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(planned: Planned, *, private: bool, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{planned.id}@leadloop")
    event.add("sequence", planned.revision - 1)
    event.add("dtstamp", now)
    event.add("dtstart", planned.due_at)
    event.add("duration", HOW_LONG.get(planned.kind, SHORT))
    event.add("summary", summary(planned, private=private))
    event.add("status", "CANCELLED" if planned.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if planned.kind in BUSY and not planned.cancelled else "TRANSPARENT")
    if planned.reminder_at is not None and not planned.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event["summary"])
        alarm.add("trigger", planned.reminder_at)
        event.add_component(alarm)
    return event
