"""Who sees whom, and who may put whom on a deal."""

from tests.sabotage.bug import Bug

HOLDS = (
    Bug(
        name="an offer shows how to reach the person",
        file="services/marketing/overview/cards/rules.py",
        old="    shown = {name: said[name] for name in OF_AN_OFFER} if offered else said\n",
        new="    shown = said\n",
        caught_by=(
            "tests/marketing/people/holds/test_holds.py::test_what_an_offer_shows_and_what_accepting_adds",
        ),
    ),
    Bug(
        name="an offer shows the number that somebody wrote into the message",
        file="services/marketing/overview/cards/rules.py",
        old="    return _NUMBER.sub(HIDDEN, without_addresses)\n",
        new="    return without_addresses\n",
        caught_by=(
            "tests/marketing/people/holds/test_holds.py::test_what_an_offer_shows_and_what_accepting_adds",
        ),
    ),
    Bug(
        name="who has left goes on seeing whom they held",
        file="services/marketing/people/holds/rules.py",
        old="return holder is not None and holder.active and holder.subject == subject",
        new="return holder is not None and holder.subject == subject",
        caught_by=("tests/marketing/people/holds/test_holds.py::test_who_is_no_rep_any_more_holds_nobody",),
    ),
    Bug(
        name="a lost deal shows its people though the lead has gone to somebody else",
        file="services/marketing/people/holds/rules.py",
        old='return deal.state == "open" or lead.rep_id == deal.rep_id or lead.state == "returned"',
        new="return True",
        caught_by=("tests/marketing/people/holds/test_rules.py::test_who_holds_a_person",),
    ),
    Bug(
        name="a company opens whom another works on",
        file="services/marketing/people/holds/rules.py",
        old='    return not wanted and all(one.state == "lost" for one, _ in now_held)',
        new="    return True",
        caught_by=("tests/marketing/people/holds/test_rules.py::test_who_may_be_put_on_a_deal",),
    ),
    Bug(
        name="handoff's word of before counts for ever",
        file="services/marketing/overview/cards/use_cases.py",
        old="    return all(row.version < told.version for row in known if row.source_id == told.lead_id)\n",
        new="    return True\n",
        caught_by=(
            "tests/marketing/people/holds/test_holds.py::"
            "test_handoffs_word_counts_while_marketing_has_not_heard",
        ),
    ),
    Bug(
        name="handoff's word opens whoever's lead it is",
        file="services/marketing/overview/cards/use_cases.py",
        old="        if owners.get(one.lead_id) == one.contact_id:\n",
        new="        if owners is not None:\n",
        caught_by=(
            "tests/marketing/people/holds/test_holds.py::"
            "test_handoffs_word_counts_while_marketing_has_not_heard",
        ),
    ),
    Bug(
        name="what was taken back meanwhile is shown with its offer",
        file="services/marketing/funnel/lifecycle/handlers.py",
        old="min(event.answer_by, withdrawn_at)",
        new="event.answer_by",
        caught_by=(
            "tests/marketing/people/holds/test_holds.py::test_what_marketing_takes_back_is_offered_to_nobody",
        ),
    ),
    Bug(
        name="strangers are put on a deal",
        file="services/sales/selling/deals/use_cases.py",
        old="    strangers = [number for number, one in enumerate(wanted) if one not in joinable]\n",
        new="    strangers = [number for number in range(len(wanted)) if not joinable]\n",
        caught_by=(
            "tests/sales/selling/deals/test_people.py::"
            "test_strangers_and_ids_of_nobody_are_refused_in_the_same_words",
        ),
    ),
    Bug(
        name="a transaction waits for another service's answer",
        file="shared/http/transactions.py",
        old="        raise AskFirst(name, ask)\n",
        new="        answers[name] = await ask()\n",
        caught_by=("tests/sales/selling/deals/test_people.py::test_no_transaction_waits_for_marketing",),
    ),
)
