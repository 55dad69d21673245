"""What a rep sees and does on an ordinary day."""

from tests.sabotage.bug import Bug

_CARDS = "tests/marketing/overview/cards/test_background.py::"
_PROSPECTS = "tests/marketing/overview/prospects/test_prospects.py::"
_PAGE = "tests/sales/overview/deal_page/test_overview.py::"
_WORK = "tests/sales/work/activities/test_work.py::"
_AGAIN = "tests/sales/work/resubmissions/test_resubmissions.py::"
_DEMOS = "tests/sales/work/demos/test_demos.py::"
_CALENDARS = "tests/sales/work/calendars/test_calendars.py::"
_ATTEMPTS = "tests/handoff/handshake/attempts/test_attempts.py::"

DESK = (
    Bug(
        name="what came before shows how to reach the person of an offer",
        file="services/marketing/overview/cards/rules.py",
        old="of_an_offer(background) if offered and background else background",
        new="background",
        caught_by=(_CARDS + "test_an_offer_shows_it_without_a_way_to_reach_the_person",),
    ),
    Bug(
        name="what came before is told of people in other hands",
        file="services/marketing/overview/cards/rules.py",
        old='        return {"status": "withheld"}\n',
        new='        return {"status": "withheld", "background": background or Background()}\n',
        caught_by=(_CARDS + "test_what_came_before_is_told_only_of_whom_one_holds_and_where_it_is_asked",),
    ),
    Bug(
        name="every page waits for a marketing that hangs",
        file="services/sales/app.py",
        old='    for_pages = ServiceClient(url, "sales", "marketing", settings, for_pages=True)\n',
        new='    for_pages = ServiceClient(url, "sales", "marketing", settings)\n',
        caught_by=(_PAGE + "test_a_hanging_marketing_costs_one_page_and_no_other",),
    ),
    Bug(
        name="a page asks who is back and waits for it",
        file="shared/clients/http_client.py",
        old="        if self._for_pages and self._breaker.is_broken:\n",
        new="        if False:\n",
        caught_by=(_PAGE + "test_a_hanging_marketing_costs_one_page_and_no_other",),
    ),
    Bug(
        name="the deal itself is among the company's other deals",
        file="services/sales/overview/deal_page/queries.py",
        old=", Deal.id != deal.id)",
        new=")",
        caught_by=(_PAGE + "test_the_page_shows_what_came_before_and_the_companys_other_deals",),
    ),
    Bug(
        name="a rep takes a colleague's person by typing their address",
        file="services/marketing/overview/prospects/use_cases.py",
        old='    if seen.status == "held":\n',
        new="    if False:\n",
        caught_by=(_PROSPECTS + "test_nobody_is_taken_from_a_colleague",),
    ),
    Bug(
        name="whoever waits for a rep of handoff's is anybody's",
        file="services/marketing/overview/prospects/use_cases.py",
        old='        if status is Whose.FREE and row["id"] in routed:\n',
        new="        if False:\n",
        caught_by=(_PROSPECTS + "test_who_is_at_somebody_known",),
    ),
    Bug(
        name="a declined lead is taken by who declined it",
        file="services/marketing/people/holds/rules.py",
        old="return (Whose.ROUTED if offered or declined else Whose.FREE), None",
        new="return (Whose.ROUTED if offered else Whose.FREE), None",
        caught_by=("tests/marketing/people/holds/test_rules.py::test_who_is_at_a_person",),
    ),
    Bug(
        name="a claim lasts for ever",
        file="services/marketing/people/holds/rules.py",
        old="        return Stage.IN_HAND if lasts else Stage.NONE\n",
        new="        return Stage.IN_HAND\n",
        caught_by=(_PROSPECTS + "test_a_claim_without_a_deal_ends",),
    ),
    Bug(
        name="what a closed deal left undone stays overdue",
        file="services/sales/work/activities/queries.py",
        old="        or_(Activity.deal_id.is_(None), open_deals.exists()),\n",
        new="",
        caught_by=(_WORK + "test_nothing_of_a_closed_deal_is_to_do",),
    ),
    Bug(
        name="the same external id is a second activity",
        file="services/sales/work/activities/use_cases.py",
        old="        if known is not None:\n            return _same",
        new="        if known is not None and known.cancelled_at:\n            return _same",
        caught_by=(_WORK + "test_the_same_external_id_is_the_same_activity",),
    ),
    Bug(
        name="nobody is told that a call did not happen after all",
        file="services/sales/work/activities/use_cases.py",
        old="        cancelled=now_known is None,\n",
        new="        cancelled=False,\n",
        caught_by=(_WORK + "test_what_happened_is_told_corrected_and_taken_back",),
    ),
    Bug(
        name="older news of a call undoes its correction",
        file="services/handoff/handshake/attempts/writes.py",
        old='bulk.replace("activity_id", where="t.version < excluded.version")',
        new='bulk.replace("activity_id")',
        caught_by=(_ATTEMPTS + "test_any_order_of_corrections_gives_the_same",),
    ),
    Bug(
        name="a program's mail stops the clock of speed-to-lead",
        file="services/handoff/handshake/attempts/rules.py",
        old='direction == "outbound" and by_human and not cancelled',
        new='direction == "outbound" and not cancelled',
        caught_by=(_ATTEMPTS + "test_who_stops_which_clock",),
    ),
    Bug(
        name="a call of the cycle before answers the person who came back",
        file="services/handoff/handshake/attempts/rules.py",
        old="one for one in attempts if one.occurred_at >= qualified_at",
        new="one for one in attempts",
        caught_by=(_ATTEMPTS + "test_the_earliest_counts_and_what_was_before_is_of_another_cycle",),
    ),
    Bug(
        name="what came before a rep took the lead asks them to answer again",
        file="services/sales/work/resubmissions/rules.py",
        old="deal_is_open and received_at > opened_at and not is_asked",
        new="deal_is_open and not is_asked",
        caught_by=(_AGAIN + "test_what_came_before_the_rep_took_the_lead_asks_for_nothing",),
    ),
    Bug(
        name="whoever has left has a day",
        file="services/sales/overview/day/api.py",
        old="rep = rep if rep is None or rep.active else None",
        new="pass",
        caught_by=("tests/sales/overview/day/test_day.py::test_who_has_left_has_no_day",),
    ),
    Bug(
        name="what was called off lowers the show rate",
        file="services/sales/work/demos/rules.py",
        old="if one.done_at is not None and not one.cancelled]",
        new="if one.done_at is not None]",
        caught_by=(_DEMOS + "test_the_show_rate_leaves_out_what_was_called_off",),
    ),
    Bug(
        name="anybody is said to have been at a demo",
        file="services/sales/work/demos/use_cases.py",
        old="        if one.contact_id not in on_it\n",
        new="        if not on_it\n",
        caught_by=(_DEMOS + "test_a_sheet_names_what_is_there",),
    ),
    Bug(
        name="a feed names the people a rep meets",
        file="services/sales/work/calendars/rules.py",
        old="    if planned.title and not private:\n",
        new="    if planned.title:\n",
        caught_by=(_CALENDARS + "test_a_feed_shows_what_is_planned_and_names_nobody",),
    ),
    Bug(
        name="whoever has left leaves their calendar open",
        file="services/sales/work/calendars/queries.py",
        old="CalendarFeed.token_hash == token_hash, Rep.active)",
        new="CalendarFeed.token_hash == token_hash)",
        caught_by=(_CALENDARS + "test_a_feed_is_its_reps_until_it_is_revoked",),
    ),
    Bug(
        name="what was moved is the same as before to a calendar",
        file="services/sales/work/calendars/rules.py",
        old='event.add("sequence", planned.revision - 1)',
        new='event.add("sequence", 0)',
        caught_by=(_CALENDARS + "test_an_activity_stays_itself_in_a_calendar",),
    ),
)
