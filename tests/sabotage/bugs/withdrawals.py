"""What is taken back and goes on all the same, or takes along what it must not."""

from tests.sabotage.bug import Bug

MARKETING = "tests/marketing/capture/submissions/test_withdrawals.py::"
REMAINING = "tests/marketing/funnel/leads/test_remaining.py::"
HANDOFF = "tests/handoff/routing/allocation/test_withdrawals.py::"
SALES = "tests/sales/work/withdrawals/test_handlers.py::"

WITHDRAWALS = (
    Bug(
        name="a withdrawn lead keeps its rep's turn",
        file="services/handoff/routing/allocation/withdrawals.py",
        old="    undone = await turns_of(session, ended)\n",
        new="    undone = await turns_of(session, [])\n",
        caught_by=(
            HANDOFF + "test_a_flood_is_taken_back_and_the_next_lead_finds_a_rep",
            HANDOFF + "test_an_offer_that_went_from_rep_to_rep_gives_back_every_turn",
        ),
    ),
    Bug(
        name="a worked deal is closed with its lead",
        file="services/sales/work/withdrawals/rules.py",
        old="    return revision == 1 and not has_activities\n",
        new="    return revision == 1 or not has_activities\n",
        caught_by=(SALES + "test_a_deal_somebody_worked_is_listed_and_goes_on",),
    ),
    Bug(
        name="a withdrawal that comes first is forgotten",
        file="services/sales/work/withdrawals/handlers.py",
        old="    await _close(context.session, await _known(context.session, keys))\n",
        new="",
        caught_by=(SALES + "test_word_that_comes_before_the_deal_is_remembered",),
    ),
    Bug(
        name="a withdrawn touch still scores",
        file="services/marketing/funnel/leads/remaining.py",
        old="if one.submission_id not in gone]\n",
        new="]\n",
        caught_by=(
            MARKETING + "test_only_what_is_taken_back_no_longer_scores",
            REMAINING + "test_a_qualification_ends_when_what_is_left_does_not_qualify",
        ),
    ),
    Bug(
        name="a lead that begins again counts in the cycle that was taken back",
        file="services/marketing/funnel/leads/remaining.py",
        old="    return lead.cycle + 1\n",
        new="    return lead.cycle\n",
        caught_by=(
            MARKETING + "test_the_next_word_of_a_person_opens_a_new_cycle",
            REMAINING + "test_a_lead_of_which_all_is_taken_back_ends_and_begins_again_with_the_next",
        ),
    ),
    Bug(
        name="a lead that is released belongs to who came after it",
        file="services/marketing/capture/submissions/ready_job.py",
        old="    await set_right(session, [item for item in items if item.released])\n",
        new="",
        caught_by=(MARKETING + "test_a_lead_that_began_with_spam_begins_with_what_is_left",),
    ),
)
