"""Whose a person is, by what was said of their leads and deals: each case with its right value."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from services.marketing.people.holds.rules import (
    Hold,
    Holder,
    Joining,
    Stage,
    Whose,
    may_join,
    reach,
    stage_of,
    standing,
    whose,
)
from shared.auth.access import Rows
from tests.support.samples import NOON

ANA, BEN, OUT = UUID(int=1), UUID(int=2), UUID(int=3)
NORTH, SOUTH = UUID(int=11), UUID(int=12)
KIM, LEAD, DEAL, FIRM, OTHER = (UUID(int=n) for n in range(21, 26))
HOLDERS = {
    ANA: Holder("ana", NORTH, "mia"),
    BEN: Holder("ben", SOUTH, "max"),
    OUT: Holder("out", NORTH, "mia", active=False),
}
SOON, PAST = NOON + timedelta(minutes=5), NOON - timedelta(minutes=5)


def lead(state, rep=ANA, cycle=1, until=None, version=1) -> Hold:  # type: ignore[no-untyped-def]
    return Hold(KIM, LEAD, "lead", version, LEAD, cycle, rep, state, until, HOLDERS.get(rep))


def deal(state, rep=ANA, cycle: int | None = 1, source=DEAL) -> Hold:  # type: ignore[no-untyped-def]
    of = LEAD if cycle else None
    return Hold(KIM, source, "deal", 1, of, cycle, rep, state, None, HOLDERS.get(rep))


def claim(rep=ANA, until=SOON) -> Hold:  # type: ignore[no-untyped-def]
    return Hold(KIM, rep, "claim", 1, None, None, rep, "claimed", until, HOLDERS.get(rep))


NONE, OFFERED, HAND = Stage.NONE, Stage.OFFERED, Stage.IN_HAND
CASES: dict[str, tuple[list[Hold], Stage, Stage]] = {
    # what was said, how much ana holds, how much ben does
    "nothing was said": ([], NONE, NONE),
    "offered": ([lead("offered", until=SOON)], OFFERED, NONE),
    "offered, and its time is over": ([lead("offered", until=PAST)], NONE, NONE),
    "offered, and taken back": ([lead("offered", until=NOON)], NONE, NONE),
    "declined or expired": ([lead("ended", until=PAST)], NONE, NONE),
    "moved on to somebody else": ([lead("offered", BEN, until=SOON)], NONE, OFFERED),
    "accepted": ([lead("accepted")], HAND, NONE),
    "returned": ([lead("returned", None)], NONE, NONE),
    "its deal is open": ([lead("accepted"), deal("open")], HAND, NONE),
    "its deal was handed over": ([lead("accepted"), deal("open", BEN)], NONE, HAND),
    "its deal was won": ([lead("accepted"), deal("won")], HAND, NONE),
    "its deal was lost": ([lead("accepted"), deal("lost")], HAND, NONE),
    "its deal was disqualified": ([lead("accepted"), deal("disqualified")], NONE, NONE),
    "returned before sales heard of it": ([lead("returned", None), deal("open")], NONE, NONE),
    "returned, yet won": ([lead("returned", None), deal("won")], HAND, NONE),
    "a deal before handoff's news": ([deal("open")], HAND, NONE),
    "lost, and offered to another": ([deal("lost"), lead("offered", BEN, 2, SOON)], NONE, OFFERED),
    "lost, and another declined": ([deal("lost"), lead("ended", BEN, 2)], NONE, NONE),
    "lost, and offered to the same": ([deal("lost"), lead("offered", ANA, 2, SOON)], HAND, NONE),
    "lost, and another gave it back": ([deal("lost"), lead("returned", None, 2)], HAND, NONE),
    "won, and offered to another": ([deal("won"), lead("offered", BEN, 2, SOON)], HAND, OFFERED),
    "won, and accepted by another": ([deal("won"), lead("accepted", BEN, 2)], HAND, HAND),
    "own prospecting": ([deal("open", cycle=None)], HAND, NONE),
    "own prospecting of another's lead": ([deal("open", cycle=None), lead("accepted", BEN)], HAND, HAND),
    "own prospecting, disqualified": ([deal("disqualified", cycle=None)], NONE, NONE),
    "claimed": ([claim()], HAND, NONE),
    "claimed, and its time is over": ([claim(until=PAST)], NONE, NONE),
    "claimed, and another was given the lead": ([claim(), lead("accepted", BEN)], HAND, HAND),
    "a rep nobody has told of": ([lead("accepted", UUID(int=9))], NONE, NONE),
}


@pytest.mark.parametrize("case", CASES)
def test_who_holds_a_person(case: str) -> None:
    said, ana, ben = CASES[case]
    for order in permutations(said):
        now = standing(order, NOON)
        assert (stage_of(now, "ana"), stage_of(now, "ben")) == (ana, ben), case


@pytest.mark.parametrize(
    ("said", "subject", "rows"),
    [
        ([lead("offered", until=SOON)], "ana", Rows.NONE),
        ([lead("accepted")], "ana", Rows.OWN),
        ([lead("accepted")], "mia", Rows.MANAGED),
        ([lead("accepted")], "max", Rows.NONE),
        ([lead("accepted", OUT)], "out", Rows.NONE),
        ([lead("accepted", OUT)], "mia", Rows.MANAGED),  # a leaver's are the manager's to give away
        ([lead("accepted"), deal("won", BEN, None)], "max", Rows.MANAGED),
    ],
)
def test_whom_somebody_may_see_and_correct(said: list[Hold], subject: str, rows: Rows) -> None:
    assert reach(standing(said, NOON), subject) is rows


ANAS = Joining(Rows.OWN, "ana", NORTH, FIRM)
JOINS: dict[str, tuple[list[Hold], UUID | None, Joining, bool]] = {
    # what was said of the person, their company, who asks for which deal, whether they may
    "in one's hands": ([lead("accepted")], None, ANAS, True),
    "in the team's hands": ([lead("accepted", OUT)], None, ANAS, True),
    "in another team's hands": ([lead("accepted", BEN)], None, ANAS, False),
    "only offered": ([lead("offered", until=SOON)], None, ANAS, False),
    "nobody's, of no company": ([], None, replace(ANAS, company_id=None), False),
    "nobody's, of another company": ([], OTHER, ANAS, False),
    "nobody's, of the company": ([], FIRM, ANAS, True),
    "of the company, in another team's hands": ([lead("accepted", BEN)], FIRM, ANAS, False),
    "of the company, offered to another": ([lead("offered", BEN, until=SOON)], FIRM, ANAS, False),
    "of the company, declined by oneself": ([lead("ended")], FIRM, ANAS, False),
    "of the company, given back to marketing": ([lead("returned", None)], FIRM, ANAS, True),
    "of the company, lost by another": ([lead("accepted", BEN), deal("lost", BEN)], FIRM, ANAS, True),
    "of the company, another's customer": ([deal("won", BEN)], FIRM, ANAS, False),
    "an administrator": ([lead("offered", BEN)], None, Joining(Rows.ALL, "boss", None, None), True),
    "a manager's other team": (
        [lead("accepted", BEN)],
        None,
        Joining(Rows.MANAGED, "max", NORTH, None),
        True,
    ),
    "a manager of none of them": (
        [lead("accepted", BEN)],
        None,
        Joining(Rows.MANAGED, "mia", NORTH, None),
        False,
    ),
    "no role, and the deal of one's team": ([], None, Joining(Rows.NONE, "ana", None, None), False),
}


@pytest.mark.parametrize("case", JOINS)
def test_who_may_be_put_on_a_deal(case: str) -> None:
    said, company, joining, right = JOINS[case]
    assert may_join(said, company, joining, NOON) is right


@pytest.mark.parametrize(
    ("said", "rows", "right"),
    [
        ([], Rows.OWN, "free"),
        ([claim()], Rows.OWN, "yours"),
        ([claim(BEN)], Rows.OWN, "held ben"),
        ([claim(BEN)], Rows.ALL, "yours"),
        ([claim(BEN, PAST)], Rows.OWN, "free"),
        ([lead("offered", until=SOON)], Rows.OWN, "routed"),
        ([lead("ended", until=PAST)], Rows.OWN, "routed"),
        ([lead("returned", None)], Rows.OWN, "free"),
        ([lead("accepted", BEN), deal("lost", BEN)], Rows.OWN, "free"),
        ([lead("accepted", BEN), deal("won", BEN)], Rows.OWN, "held ben"),
        ([lead("accepted", UUID(int=9))], Rows.OWN, "held None"),
        ([lead("accepted", OUT)], Rows.OWN, "held out"),
    ],
)
def test_who_is_at_a_person(said: list[Hold], rows: Rows, right: str) -> None:
    status, holder = whose(said, rows, "ana", NOON)

    assert (f"{status} {holder and holder.subject}" if status is Whose.HELD else status) == right


@pytest.mark.parametrize(("rows", "right"), [(Rows.OWN, "held"), (Rows.MANAGED, "yours")])
def test_a_managers_are_those_of_their_teams(rows: Rows, right: str) -> None:
    assert whose([claim()], rows, "mia", NOON)[0] == right
