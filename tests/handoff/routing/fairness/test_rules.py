from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.handoff.routing.fairness.rules import (
    UNIT,
    Ledger,
    Panel,
    Replay,
    Share,
    credit_back,
    give_turn,
    next_in_turn,
    panel_of,
    take_turn,
)

TEAM = UUID(int=99)
ANA, BEN, CLEO = UUID(int=1), UUID(int=2), UUID(int=3)
WEIGHTS = st.lists(st.integers(1, 100), min_size=1, max_size=12)


def ledger() -> Ledger:
    return Ledger(TEAM, "hot")


def panel(*weights: int) -> Panel:
    return panel_of([(UUID(int=number), weight) for number, weight in enumerate(weights, start=1)])


def lead(number: int) -> UUID:
    return UUID(int=1000 + number)


def share_out(book: Ledger, leads: int, among: Panel) -> list[UUID]:
    return [take_turn(book, among, lead(number))[0] for number in range(leads)]


def choose(*shares: Share) -> Share:
    return next_in_turn(shares, [share.level for share in shares])


def test_equal_reps_take_turns_in_a_fixed_rotation() -> None:
    assert share_out(ledger(), 7, panel(1, 1, 1)) == [ANA, BEN, CLEO, ANA, BEN, CLEO, ANA]


def test_weight_two_gets_twice_as_many() -> None:
    given_to = share_out(ledger(), 60, panel(2, 1, 1))

    assert [given_to.count(rep) for rep in (ANA, BEN, CLEO)] == [30, 15, 15]


def test_one_heavy_rep_among_a_hundred_light_ones_is_not_left_behind() -> None:
    # Weighted turns by the lowest level alone leave the heavy one behind by 49.5 leads.
    book, among = ledger(), panel(100, *[1] * 100)

    share_out(book, 1000, among)

    assert abs(book.shares[ANA].level) < UNIT


def test_the_one_owed_most_goes_next() -> None:
    owed = Share(BEN, due=5 * UNIT, received=3 * UNIT, last_turn=9)

    assert choose(Share(ANA, due=5 * UNIT, received=4 * UNIT), owed) is owed


def test_a_tie_goes_to_the_longest_unserved_then_to_the_lowest_id() -> None:
    ana, ben, cleo = Share(ANA, last_turn=7), Share(BEN, last_turn=3), Share(CLEO, last_turn=3)

    assert choose(ana, ben, cleo) is ben


def test_a_new_rep_starts_at_the_level_of_the_others() -> None:
    book = ledger()
    share_out(book, 100, panel(1, 1))

    given_to = share_out(book, 30, panel(1, 1, 1))

    assert [given_to.count(rep) for rep in (ANA, BEN, CLEO)] == [10, 10, 10]


def test_a_new_rep_is_not_starved_by_what_the_others_are_owed() -> None:
    book, all_three = ledger(), panel(1, 1, 1)
    for number in range(6):
        give_turn(book, all_three, lead(number), ANA)  # Ben and Cleo are owed two each
    dan = UUID(int=4)

    given_to = share_out(book, 3, panel_of([(BEN, 1), (CLEO, 1), (dan, 1)]))

    assert sorted(given_to) == [BEN, CLEO, dan]


def test_who_was_away_does_not_catch_up_and_is_not_punished() -> None:
    book, all_three, two = ledger(), panel(1, 1, 1), panel(1, 1)
    share_out(book, 3, all_three)
    share_out(book, 100, two)

    given_to = share_out(book, 9, all_three)

    assert [given_to.count(rep) for rep in (ANA, BEN, CLEO)] == [3, 3, 3]


def test_a_credited_turn_leaves_the_levels_as_if_the_lead_had_never_been() -> None:
    book, among = ledger(), panel(3, 2, 1)
    share_out(book, 10, among)
    before = {rep_id: share.level for rep_id, share in book.shares.items()}

    rep_id, _ = take_turn(book, among, lead(77))
    credit_back(book, among, lead(77), rep_id)

    assert {rep_id: share.level for rep_id, share in book.shares.items()} == before


def test_a_lead_given_by_hand_counts_like_any_other() -> None:
    book, among = ledger(), panel(1, 1)

    give_turn(book, among, lead(1), BEN)
    give_turn(book, among, lead(2), BEN)

    assert share_out(book, 3, among) == [ANA, ANA, BEN]


def test_a_lead_given_to_somebody_not_eligible_counts_for_them_too() -> None:
    book = ledger()

    give_turn(book, panel(1, 1), lead(1), CLEO)

    assert book.shares[CLEO].level == -UNIT
    assert sum(share.level for share in book.shares.values()) == 0


@given(weights=WEIGHTS)
def test_the_dues_of_a_lead_are_exactly_one_lead(weights: list[int]) -> None:
    assert sum(panel(*weights).dues) == UNIT


@given(weights=WEIGHTS, leads=st.integers(0, 300))
def test_nobody_is_ever_a_whole_lead_ahead_of_their_due(weights: list[int], leads: int) -> None:
    book, among = ledger(), panel(*weights)

    for number in range(leads):
        rep_id, _ = take_turn(book, among, lead(number))
        assert book.shares[rep_id].level > -UNIT
    assert sum(share.level for share in book.shares.values()) == 0


@st.composite
def histories(draw: st.DrawFn) -> tuple[Ledger, dict[UUID, Panel]]:
    """Reps come and go, leads are given by rule and by hand, some are credited back."""
    weights = draw(WEIGHTS)
    reps = [(UUID(int=number), weight) for number, weight in enumerate(weights, start=1)]
    book = ledger()
    given_turns: list[tuple[Panel, UUID, UUID]] = []
    for number in range(draw(st.integers(0, 30))):
        eligible = draw(st.lists(st.sampled_from(reps), min_size=1, unique=True))
        among = panel_of(eligible)
        what = draw(st.sampled_from(["turn", "turn", "turn", "by hand", "credit"]))
        if what == "credit" and given_turns:
            credit_back(book, *given_turns.pop())
        elif what == "by hand":
            rep_id = draw(st.sampled_from(reps))[0]
            give_turn(book, among, lead(number), rep_id)
            given_turns.append((among, lead(number), rep_id))
        else:
            rep_id, _ = take_turn(book, among, lead(number))
            given_turns.append((among, lead(number), rep_id))
    return book, book.panels


@given(histories())
def test_the_turns_alone_rebuild_the_ledger_and_prove_every_choice(
    history: tuple[Ledger, dict[UUID, Panel]],
) -> None:
    book, panels = history
    replay = Replay(ledger())

    replay.follow(book.written, panels)

    assert replay.wrong == []
    assert replay.ledger.shares == book.shares


def test_a_favour_is_found_by_the_replay() -> None:
    book, among = ledger(), panel(1, 1)
    share_out(book, 4, among)
    *honest, last = book.written
    forged = [*honest, last._replace(rep_id=ANA)]

    replay = Replay(ledger())
    replay.follow(forged, book.panels)

    assert replay.wrong == [book.number]


@pytest.mark.parametrize("gone", [3, 4, 6])
def test_a_line_torn_out_is_found_by_the_replay(gone: int) -> None:
    book = ledger()
    share_out(book, 5, panel(1, 1))

    replay = Replay(ledger())
    replay.follow([turn for turn in book.written if turn.number != gone], book.panels)

    assert replay.wrong
