"""Who talks to a lead, and until when."""

from tests.sabotage.bug import Bug

OFFERS = "tests/handoff/routing/allocation/"
PAST = "tests/handoff/handshake/assignments/test_backfill.py::"
DEADLINES = "tests/handoff/handshake/assignments/test_deadlines.py::"

HANDOFF = (
    Bug(
        name="the pool is served longest waiting first",
        file="services/handoff/handshake/assignments/queries.py",
        old='"ORDER BY leads.backfilled, leads.band, leads.qualified_at DESC "\n',
        new='"ORDER BY leads.qualified_at "\n',
        caught_by=(DEADLINES + "test_the_pool_fills_a_rep_up_to_their_capacity_hot_and_fresh_first",),
    ),
    Bug(
        name="a lead of the past is offered, and takes a turn",
        file="services/handoff/routing/allocation/rules.py",
        old="    return lead.backfilled and not lead.route\n",
        new="    return False\n",
        caught_by=(
            PAST + "test_a_load_of_history_is_held_and_the_live_lead_after_it_is_offered_at_once",
            PAST + "test_history_starts_no_clock_and_goes_back_to_nobody",
        ),
    ),
    Bug(
        name="leads of the past share the ledger of the live ones",
        file="services/handoff/routing/allocation/rules.py",
        old="PAST_LEDGER if self.backfilled else self.band",
        new="self.band",
        caught_by=(OFFERS + "test_rules.py::test_a_lead_of_the_past_takes_no_turn_of_the_live_ones",),
    ),
    Bug(
        name="the ledger is read without a lock",
        file="services/handoff/routing/fairness/queries.py",
        old="ORDER BY team_id, band FOR UPDATE",
        new="ORDER BY team_id, band",
        caught_by=(OFFERS + "test_handlers.py::test_two_workers_sharing_out_at_once_keep_the_ledger_exact",),
    ),
    Bug(
        name="equal reps do not take turns",
        file="services/handoff/routing/fairness/rules.py",
        old="    return min(tied, key=_last_turn)\n",
        new="    return tied[-1]\n",
        caught_by=(
            "tests/handoff/routing/fairness/test_rules.py::"
            "test_a_tie_goes_to_the_longest_unserved_then_to_the_lowest_id",
        ),
    ),
    Bug(
        name="a deadline goes by the service's own clock",
        file="services/handoff/handshake/assignments/use_cases.py",
        old="return Held(row.Assignment, row.Lead, row.Rep, await database_time(session))",
        new="from shared import clock\n    return Held(row.Assignment, row.Lead, row.Rep, clock.now())",
        caught_by=(DEADLINES + "test_a_service_whose_clock_is_slow_refuses_a_late_accept_all_the_same",),
    ),
    Bug(
        name="a lapsed offer is open until the timer comes by",
        file="services/handoff/handshake/assignments/rules.py",
        old='return "expired" if state == "offered" and now >= answer_by else state',
        new="return state",
        caught_by=(DEADLINES + "test_a_late_accept_is_refused_even_before_the_timer_comes_by",),
    ),
    Bug(
        name="a lead is passed on for ever",
        file="services/handoff/routing/allocation/rules.py",
        old="if lead.hop >= hop_cap:",
        new="if False:",
        caught_by=(OFFERS + "test_rules.py::test_offers_are_capped",),
    ),
    Bug(
        name="a lead is accepted without the lock on its row",
        file="services/handoff/handshake/assignments/queries.py",
        old="        .order_by(Lead.lead_id, Lead.cycle)\n        .with_for_update()\n",
        new="        .order_by(Lead.lead_id, Lead.cycle)\n",
        caught_by=(
            "tests/handoff/handshake/assignments/test_at_once.py::"
            "test_who_comes_second_sees_what_the_first_has_decided",
        ),
    ),
    Bug(
        name="an acceptance keeps its lead's version",
        file="services/handoff/routing/allocation/writes.py",
        old='lead.state, lead.accepted_at, lead.version = "accepted", now, lead.version + 1',
        new='lead.state, lead.accepted_at = "accepted", now',
        caught_by=(
            "tests/handoff/handshake/assignments/test_handshake.py::"
            "test_a_qualified_lead_is_offered_accepted_and_told_to_sales",
        ),
    ),
    Bug(
        name="an offer's id is as old as the worker's own clock says",
        file="services/handoff/routing/allocation/writes.py",
        old="                clock.new_id(now),\n",
        new="                clock.new_id(),\n",
        caught_by=(
            "tests/handoff/routing/allocation/test_handlers.py::test_hot_and_warm_leads_have_a_ledger_and_a_deadline_each",
        ),
    ),
    Bug(
        name="a lead reassigned by the rules is offered again to who had it",
        file="services/handoff/handshake/assignments/use_cases.py",
        old="    waiting = held.waiting(await queries.offered_to(session, lead))\n",
        new="    waiting = held.waiting(frozenset())\n",
        caught_by=(
            "tests/handoff/handshake/assignments/test_reassign.py::"
            "test_without_a_rep_the_rules_pass_over_everybody_who_had_it",
        ),
    ),
)
