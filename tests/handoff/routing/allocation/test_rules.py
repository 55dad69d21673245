from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from services.handoff.routing.allocation.rules import (
    Bench,
    Decision,
    GivenUp,
    Offered,
    Seat,
    Waiting,
    Waits,
    grade_band,
    share_out,
)
from services.handoff.routing.fairness.rules import Ledger
from tests.support.samples import NOON

TEAM, ANA, BEN = UUID(int=99), UUID(int=1), UUID(int=2)


def waiting(number: int = 1, *, hop: int = 0, had: Iterable[UUID] = (), band: str = "hot") -> Waiting:
    return Waiting(
        lead_id=UUID(int=1000 + number),
        cycle=1,
        contact_id=UUID(int=5),
        team_id=TEAM,
        band=band,
        rule_set=1,
        rule_id=UUID(int=6),
        version=0,
        hop=hop,
        had=frozenset(had),
    )


def seat(rep_id: UUID, *, room: int = 10, active: bool = True) -> Seat:
    return Seat(rep_id, 1, active, room)


def decide(leads: list[Waiting], *seats: Seat, hop_cap: int = 5) -> list[Decision]:
    patience = {"hot": timedelta(hours=1), "warm": timedelta(days=1)}
    benches = {TEAM: Bench(TEAM, patience, {each.rep_id: each for each in seats})}
    ledgers = {(TEAM, band): Ledger(TEAM, band) for band in ("hot", "warm")}
    return share_out(leads, benches, ledgers, now=NOON, hop_cap=hop_cap)


def owners(decisions: list[Decision]) -> list[UUID | None]:
    return [each.rep_id if isinstance(each, Offered) else None for each in decisions]


@pytest.mark.parametrize(
    ("score", "hand_raiser", "band"), [(79, False, "warm"), (80, False, "hot"), (0, True, "hot")]
)
def test_a_lead_is_hot_from_eighty_on_or_when_it_asked_for_contact(
    score: int, hand_raiser: bool, band: str
) -> None:
    assert grade_band(score, hand_raiser=hand_raiser) == band


def test_a_batch_is_shared_out_and_what_nobody_can_take_waits() -> None:
    decisions = decide([waiting(n) for n in range(5)], seat(ANA, room=2), seat(BEN, room=2))

    assert owners(decisions) == [ANA, BEN, ANA, BEN, None]
    assert isinstance(decisions[-1], Waits)


def test_capacity_counts_over_both_bands() -> None:
    decisions = decide([waiting(1, band="hot"), waiting(2, band="warm")], seat(ANA, room=1))

    assert owners(decisions) == [ANA, None]


def test_the_answer_is_due_by_the_teams_patience_for_the_band() -> None:
    hot, warm = decide([waiting(1, band="hot"), waiting(2, band="warm")], seat(ANA))

    assert isinstance(hot, Offered)
    assert isinstance(warm, Offered)
    assert (hot.answer_by, warm.answer_by) == (NOON + timedelta(hours=1), NOON + timedelta(days=1))


def test_who_had_the_lead_before_is_not_asked_again() -> None:
    assert owners(decide([waiting(hop=1, had=[ANA])], seat(ANA), seat(BEN))) == [BEN]


def test_inactive_reps_are_passed_over_and_the_decision_says_so() -> None:
    [offer] = decide([waiting()], seat(ANA, active=False), seat(BEN))

    assert isinstance(offer, Offered)
    assert offer.rep_id == BEN
    assert offer.panel.passed_over == ((ANA, "inactive"),)


def test_a_lead_everybody_had_is_given_up() -> None:
    [decision] = decide([waiting(hop=2, had=[ANA, BEN])], seat(ANA), seat(BEN))

    assert decision == GivenUp(waiting(hop=2, had=[ANA, BEN]), "nobody_available")


def test_a_lead_somebody_full_did_not_have_yet_waits_for_them() -> None:
    [decision] = decide([waiting(hop=1, had=[ANA])], seat(ANA), seat(BEN, room=0))

    assert isinstance(decision, Waits)


def test_a_team_without_active_reps_keeps_its_leads_in_the_pool() -> None:
    [decision] = decide([waiting()], seat(ANA, active=False))

    assert isinstance(decision, Waits)


@pytest.mark.parametrize(("hop", "given_up"), [(4, False), (5, True)])
def test_offers_are_capped(hop: int, given_up: bool) -> None:
    [decision] = decide([waiting(hop=hop)], seat(ANA), hop_cap=5)

    assert isinstance(decision, GivenUp) == given_up
