"""What becomes of a deal, whose it is, and what was paid for it."""

from tests.sabotage.bug import Bug

_OWNERS = "tests/sales/work/owners/test_owners.py::"
_CHANGES = "tests/sales/selling/deals/test_changes.py::"
_LEDGER = "tests/sales/selling/payments/test_ledger.py::"
_LEAD_GOES = "tests/handoff/handshake/deals/test_owners.py::"
_DAYS = "tests/sales/selling/closing/test_days.py::"
_LISTS = "tests/sales/reference/lists/test_lists.py::"
_ASKED = "tests/sales/work/hand_overs/test_hand_overs.py::"
_COMMITTEE = "tests/sales/selling/people/test_committee.py::"
_FILTERS = "tests/sales/selling/deals/test_filters.py::"

DEALS = (
    Bug(
        name="a change of amount leaves no trace",
        file="services/sales/selling/deals/tables.py",
        old='            "amount": self._money(self.amount_minor),\n',
        new="",
        caught_by=(_CHANGES + "test_amounts_and_closes_leave_a_trace",),
    ),
    Bug(
        name="a close that comes earlier was put off",
        file="services/sales/selling/deals/rules.py",
        old="after is not None and after > before",
        new="after is not None and after != before",
        caught_by=(_CHANGES + "test_only_a_later_day_is_a_push",),
    ),
    Bug(
        name="a manager gives deals to reps of other teams",
        file="services/sales/work/owners/queries.py",
        old="    rows = await session.scalars(found if reps is None else found.where(Rep.id.in_(reps)))\n",
        new="    rows = await session.scalars(found)\n",
        caught_by=(_OWNERS + "test_who_may_give_to_whom",),
    ),
    Bug(
        name="whoever gets a won deal gets its result",
        file="services/sales/insight/reports/queries.py",
        old="caller, of=Deal.credited_rep_id)\n        .with_only_columns(Deal.state,",
        new="caller)\n        .with_only_columns(Deal.state,",
        caught_by=(_OWNERS + "test_a_won_deal_is_the_result_of_who_won_it",),
    ),
    Bug(
        name="a deal takes along what others are to do for it",
        file="services/sales/work/activities/writes.py",
        old="AND (a.assignee_id = x.from_rep OR a.assignee_id IS NULL)\n",
        new="",
        caught_by=(_OWNERS + "test_what_is_planned_goes_along_unless_it_is_anothers",),
    ),
    Bug(
        name="the deals one may give are given though others are not",
        file="services/sales/work/owners/use_cases.py",
        old="        _insist_on_all(form.deal_ids, deals)\n",
        new="",
        caught_by=(_OWNERS + "test_all_of_the_deals_named_or_none",),
    ),
    Bug(
        name="the lead of a deal handed over goes on filling its rep",
        file="services/handoff/handshake/deals/handlers.py",
        old="Counter(before.busy for _, before, _ in changed if before.busy)",
        new="Counter(after.busy for _, _, after in changed if after.busy)",
        caught_by=(_LEAD_GOES + "test_the_lead_and_its_place_go_with_the_deal",),
    ),
    Bug(
        name="who a deal was handed to has forgotten whose turn it was",
        file="services/handoff/handshake/deals/rules.py",
        old="Accepted(state, rep_id, None if rep_id == accepted_by else accepted_by)",
        new="Accepted(state, rep_id, None)",
        caught_by=(_LEAD_GOES + "test_a_lead_is_as_its_deal_is",),
    ),
    Bug(
        name="marketing shows a lead as its first rep's",
        file="services/marketing/funnel/leads/queries.py",
        old="func.coalesce(Deal.rep_id, LeadCycle.rep_id)",
        new="LeadCycle.rep_id",
        caught_by=(
            "tests/marketing/people/holds/test_owners.py"
            "::test_a_deal_handed_over_takes_its_people_and_its_lead_along",
        ),
    ),
    Bug(
        name="a late repeat of a payment that was undone books it again",
        file="services/sales/selling/payments/queries.py",
        old="        Payment.deal_id == deal_id, Payment.reference == reference, Payment.voids.is_(None)",
        new="        Payment.deal_id == deal_id, Payment.reference == reference, Payment.voided_at.is_(None)",
        caught_by=(_LEDGER + "test_a_mistyped_payment_is_seen_and_corrected",),
    ),
    Bug(
        name="the void of a refund takes the money off again",
        file="services/sales/selling/payments/use_cases.py",
        old="-signed(line.kind, line.amount_minor)",
        new="-line.amount_minor",
        caught_by=(_LEDGER + "test_money_goes_back_but_never_more_than_came",),
    ),
    Bug(
        name="more goes back than came",
        file="services/sales/selling/payments/use_cases.py",
        old="    if deal.collected_minor + change < 0:\n",
        new="    if False:\n",
        caught_by=(_LEDGER + "test_money_goes_back_but_never_more_than_came",),
    ),
    Bug(
        name="a loss strands the customer's money",
        file="services/sales/selling/closing/rules.py",
        old="    if deal.collected_minor > 0:\n",
        new="    if False:\n",
        caught_by=(_LEDGER + "test_a_loss_strands_no_money",),
    ),
    Bug(
        name="who has paid the net amount has paid the tax",
        file="services/sales/selling/deals/rules.py",
        old="    if gross_minor is None or amount_minor == 0:\n",
        new="    if True:\n",
        caught_by=(_LEDGER + "test_how_what_was_paid_stands_to_what_is_due",),
    ),
    Bug(
        name="the list of what is overpaid leaves out what was lost",
        file="services/sales/selling/deals/filters.py",
        old="or_(Deal.state != OPEN, Deal.amount_minor > 0)",
        new="and_(Deal.state != OPEN, Deal.amount_minor > 0)",
        caught_by=(
            "tests/sales/selling/deals/test_filters.py::test_what_is_paid_is_the_same_for_one_deal_and_for_all",
        ),
    ),
    Bug(
        name="today is what it is in Greenwich",
        file="services/sales/selling/deals/rules.py",
        old="(now.astimezone(UTC) + timedelta(hours=14)).date()",
        new="now.astimezone(UTC).date()",
        caught_by=(_DAYS + "test_what_is_today_somewhere",),
    ),
    Bug(
        name="a refund is dated before its close",
        file="services/sales/selling/closing/use_cases.py",
        old="    if before.closed_at is not None and at < before.closed_at:\n",
        new="    if False:\n",
        caught_by=(_DAYS + "test_nothing_is_corrected_before_its_close",),
    ),
    Bug(
        name="a lead has two open deals",
        file="services/sales/selling/closing/use_cases.py",
        old='    if cause == "reopened" and await queries.has_open_deal(session, deal):\n',
        new="    if False:\n",
        caught_by=(_DAYS + "test_a_lead_has_one_open_deal",),
    ),
    Bug(
        name="what is retired is chosen all the same",
        file="services/sales/reference/lists/rules.py",
        old="    if entry is None or not entry.active:\n",
        new="    if entry is None:\n",
        caught_by=(_LISTS + "test_what_may_be_chosen",),
    ),
    Bug(
        name="other says nothing",
        file="services/sales/reference/lists/rules.py",
        old="    if entry.needs_note and not has_note:\n",
        new="    if False:\n",
        caught_by=(_LISTS + "test_a_deal_is_lost_for_a_reason_of_the_list",),
    ),
    Bug(
        name="who asks for a colleague answers for them",
        file="services/sales/work/hand_overs/queries.py",
        old="    side = _asked_by if by_who_asked else _asked_of\n",
        new="    side = _asked_by\n",
        caught_by=(_ASKED + "test_no_is_an_answer_and_so_is_never_mind",),
    ),
    Bug(
        name="a deal that went elsewhere meanwhile is taken all the same",
        file="services/sales/work/hand_overs/rules.py",
        old="    if not still_theirs:\n",
        new="    if False:\n",
        caught_by=(_ASKED + "test_when_it_can_be_taken",),
    ),
    Bug(
        name="anybody is put on a deal",
        file="services/sales/selling/people/api.py",
        old="{one for one in new if one not in joinable}",
        new="set()",
        caught_by=(_COMMITTEE + "test_strangers_doubles_and_the_leads_own_person",),
    ),
    Bug(
        name="who was taken off a deal is still held by it",
        file="services/marketing/funnel/deals/use_cases.py",
        old="    await holds.let_go(session, {event.deal_id: event.contact_ids for event in fresh})\n",
        new="",
        caught_by=("tests/marketing/people/holds/test_owners.py::test_a_committee_is_held_and_let_go",),
    ),
    Bug(
        name="whose deal goes back and forth is an SQL twice",
        file="services/sales/selling/deals/rules.py",
        old="at if stage.qualifies and deal.qualified_at is None else deal.qualified_at",
        new="at if stage.qualifies else deal.qualified_at",
        caught_by=(
            "tests/sales/selling/deals/test_rules.py::test_the_first_stage_that_qualifies_does_so_for_good",
        ),
    ),
    Bug(
        name="a lead is an SQL because a deal exists",
        file="services/marketing/funnel/deals/handlers.py",
        old='Change(event.lead_id, event.cycle, {"deal_id": event.deal_id})\n',
        new="Change(event.lead_id, event.cycle, {}, (Step(event.lead_id, event.cycle, Stage.SQL, "
        "event.opened_at),))\n",
        caught_by=("tests/marketing/funnel/deals/test_sql.py::test_the_vector_of_the_definitions",),
    ),
)
