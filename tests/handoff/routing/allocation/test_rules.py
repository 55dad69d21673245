from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from services.handoff.routing.allocation.rules import (
    Decision,
    GivenUp,
    Offered,
    RepSlot,
    TeamCapacity,
    Waiting,
    Waits,
    decide,
    grade_band,
    in_serving_order,
)
from services.handoff.routing.fairness.rules import Ledger
from tests.support.samples import NOON

TEAM, ANA, BEN = UUID(int=99), UUID(int=1), UUID(int=2)


def waiting(
    number: int = 1,
    *,
    hop: int = 0,
    offered_to: Iterable[UUID] = (),
    band: str = "hot",
    backfilled: bool = False,
    hours: int = 0,
) -> Waiting:
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
        offered_to=frozenset(offered_to),
        backfilled=backfilled,
        qualified_at=NOON + timedelta(hours=hours),
    )


def slot(rep_id: UUID, *, free: int = 10, active: bool = True) -> RepSlot:
    return RepSlot(rep_id, 1, active, free)


def decided(leads: list[Waiting], *slots: RepSlot, hop_cap: int = 5) -> list[Decision]:
    answer_within = {"hot": timedelta(hours=1), "warm": timedelta(days=1)}
    teams = {TEAM: TeamCapacity(TEAM, answer_within, {each.rep_id: each for each in slots})}
    ledgers = {(TEAM, band): Ledger(TEAM, band) for band in ("hot", "warm", "backfill")}
    return decide(leads, teams, ledgers, now=NOON, hop_cap=hop_cap)


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
    decisions = decided([waiting(n) for n in range(5)], slot(ANA, free=2), slot(BEN, free=2))

    assert owners(decisions) == [ANA, BEN, ANA, BEN, None]
    assert isinstance(decisions[-1], Waits)


def test_capacity_counts_over_both_bands() -> None:
    decisions = decided([waiting(1, band="hot"), waiting(2, band="warm")], slot(ANA, free=1))

    assert owners(decisions) == [ANA, None]


def test_the_answer_is_due_by_the_teams_patience_for_the_band() -> None:
    hot, warm = decided([waiting(1, band="hot"), waiting(2, band="warm")], slot(ANA))

    assert isinstance(hot, Offered)
    assert isinstance(warm, Offered)
    assert (hot.answer_by, warm.answer_by) == (NOON + timedelta(hours=1), NOON + timedelta(days=1))


def test_who_had_the_lead_before_is_not_asked_again() -> None:
    assert owners(decided([waiting(hop=1, offered_to=[ANA])], slot(ANA), slot(BEN))) == [BEN]


def test_inactive_reps_are_passed_over_and_the_decision_says_so() -> None:
    [offer] = decided([waiting()], slot(ANA, active=False), slot(BEN))

    assert isinstance(offer, Offered)
    assert offer.rep_id == BEN
    assert offer.panel.passed_over == ((ANA, "inactive"),)


def test_a_lead_everybody_had_is_given_up() -> None:
    [decision] = decided([waiting(hop=2, offered_to=[ANA, BEN])], slot(ANA), slot(BEN))

    assert decision == GivenUp(waiting(hop=2, offered_to=[ANA, BEN]), "nobody_available")


def test_a_lead_somebody_full_did_not_have_yet_waits_for_them() -> None:
    [decision] = decided([waiting(hop=1, offered_to=[ANA])], slot(ANA), slot(BEN, free=0))

    assert isinstance(decision, Waits)


def test_a_team_without_active_reps_keeps_its_leads_in_the_pool() -> None:
    [decision] = decided([waiting()], slot(ANA, active=False))

    assert isinstance(decision, Waits)


@pytest.mark.parametrize(("hop", "given_up"), [(4, False), (5, True)])
def test_offers_are_capped(hop: int, given_up: bool) -> None:
    [decision] = decided([waiting(hop=hop)], slot(ANA), hop_cap=5)

    assert isinstance(decision, GivenUp) == given_up


def test_live_is_served_before_the_past_hot_before_warm_and_fresh_before_stale() -> None:
    past, warm = waiting(1, backfilled=True, hours=9), waiting(2, band="warm", hours=8)
    stale, fresh = waiting(3, hours=1), waiting(4, hours=2)

    assert in_serving_order([past, warm, stale, fresh]) == [fresh, stale, warm, past]


def test_a_lead_of_the_past_leaves_each_reps_last_place_to_a_live_one() -> None:
    past = [waiting(n, backfilled=True) for n in range(4)]

    decisions = decided([*past, waiting(9)], slot(ANA, free=3))

    assert owners(decisions) == [ANA, ANA, None, None, ANA]


def test_a_lead_of_the_past_takes_no_turn_of_the_live_ones() -> None:
    decisions = decided([waiting(1, backfilled=True), waiting(2), waiting(3)], slot(ANA), slot(BEN))

    offers = [each for each in decisions if isinstance(each, Offered)]
    assert [offer.lead.ledger[1] for offer in offers] == ["backfill", "hot", "hot"]
    assert owners(decisions) == [ANA, ANA, BEN]
    assert [offer.turn for offer in offers] == [3, 3, 4]  # two lines calibrate the reps of each ledger
