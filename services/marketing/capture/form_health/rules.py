"""Whether a form does well. Pure: times and counts in, a state with its reason out."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

# Both by docs/definitions.md.
WINDOW = timedelta(days=28)
FEWEST_ARRIVALS = 20
DAY = timedelta(days=1)
FEWEST_JUDGED = 5
# Answers in somebody's own words, which are what they should be; and what our own script tells.
MESSAGES = frozenset(
    [
        "message",
        "your_message",
        "comment",
        "comments",
        "nachricht",
        "ihre_nachricht",
        "mensaje",
        "messaggio",
        "mensagem",
        "bericht",
        "wiadomosc",
        "meddelande",
        "besked",
        "zprava",
        "mesaj",
        "question",
        "anfrage",
    ]
)
OUR_OWN = ("consent", "first_", "visitor_id", "referrer")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class State:
    """How a form does, and why."""

    name: str
    reason: str | None = None


OK = State("ok")


@dataclass(frozen=True, slots=True)
class Day:
    """What became of a form's posts within a day; those that wait are not judged yet."""

    judged: int = 0
    rejected: int = 0


def longest_gap(arrivals: Sequence[datetime]) -> timedelta:
    """Between one arrival and the next, in order of time."""
    return max((later - earlier for earlier, later in pairwise(arrivals)), default=timedelta())


def may_be_silent(latest: Sequence[datetime], *, now: datetime) -> bool:
    """Whether it is worth looking at all 28 days: among them is no gap shorter than the longest of these."""
    return (
        len(latest) >= FEWEST_ARRIVALS
        and now - latest[-1] > 2 * longest_gap(latest)
        and latest[-FEWEST_ARRIVALS] >= now - WINDOW
    )


def is_silent(arrivals: Sequence[datetime], *, now: datetime) -> bool:
    """Whether the last arrival is older than twice the longest gap of the last 28 days.

    Fewer than 20 arrivals in them say nothing.
    """
    within = [at for at in arrivals if now - WINDOW <= at <= now]
    return len(within) >= FEWEST_ARRIVALS and now - within[-1] > 2 * longest_gap(within)


def is_rejecting(day: Day) -> bool:
    """Whether it rejected more than half of at least five."""
    return day.judged >= FEWEST_JUDGED and 2 * day.rejected > day.judged


def state_of(day: Day, *, silent: bool, last: datetime | None) -> State:
    """Posts that are lost weigh more than posts that don't come."""
    if is_rejecting(day):
        return State(
            "rejecting",
            f"Of {day.judged} posts within a day {day.rejected} were rejected: look at the fields it sends "
            "and at its field_mapping.",
        )
    if silent and last is not None:
        return State(
            "silent",
            f"Nothing has come since {last:%Y-%m-%d %H:%M} UTC, twice as long as ever in four weeks: "
            "look at the page it stands in.",
        )
    return OK


def plain_name(name: str) -> str:
    """As answers are named."""
    return _NOT_WORD.sub("_", name.casefold()).strip("_")[:100]


def understood(name: str, target: str | None, answers: Collection[str]) -> str | None:
    """What a field of a post was taken for, by its name or by its value; None when it is an answer only."""
    plain = plain_name(name)
    if target is not None:
        return target
    if plain in MESSAGES:
        return "message"
    if plain.startswith(OUR_OWN):
        return plain
    return None if plain in answers or name in answers else "its value"
