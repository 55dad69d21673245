"""`/v1/routing/explain`: where a lead would go, without a lead."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.handoff.routing.access import ROUTING_RULES
from services.handoff.routing.allocation import use_cases
from services.handoff.routing.allocation.rules import (
    Offered,
    TeamCapacity,
    Waiting,
    grade_band,
    passed_over_because,
)
from services.handoff.routing.allocation.schemas import Explanation, LeadFacts, RuleTried, Share, Skipped
from services.handoff.routing.fairness.rules import UNIT
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import Facts, first_match, unmet
from shared import clock
from shared.database.sessions import database_time
from shared.http.service import Caller, Transaction, router

routing = router("/v1/routing", tags=["routing"])

Asking = Annotated[Caller, Depends(ROUTING_RULES.read)]


@routing.post("/explain")
async def explain(lead: LeadFacts, session: Transaction, caller: Asking) -> Explanation:
    """Why would this one go where? Rules tried, whose turn it is, who is passed over. Changes nothing."""
    book, facts = await active_rules(session), Facts(**lead.model_dump())
    rule = first_match(book, facts)
    waiting = Waiting(
        lead_id=clock.new_id(),
        cycle=1,
        contact_id=UUID(int=0),
        team_id=rule.team_id,
        band=grade_band(lead.score, hand_raiser=lead.hand_raiser),
        rule_set=book.version,
        rule_id=rule.id,
        version=0,
    )
    decision, team = await use_cases.explain(session, waiting, now=await database_time(session))
    offer = decision if isinstance(decision, Offered) else None
    tried = book.rules[: book.rules.index(rule) + 1]
    return Explanation(
        rule_set=book.version,
        rules=[RuleTried(rule_id=r.id, name=r.name, unmet=unmet(r.conditions, facts)) for r in tried],
        team_id=rule.team_id,
        band=waiting.band,
        rep_id=offer.rep_id if offer else None,
        answer_by=offer.answer_by if offer else None,
        leaders=[Share(rep_id=rep, level=level / UNIT) for rep, level in (offer.leaders if offer else ())],
        passed_over=_passed_over(offer, team),
    )


def _passed_over(offer: Offered | None, team: TeamCapacity) -> list[Skipped]:
    if offer is not None:
        return [Skipped(rep_id=rep_id, reason=why) for rep_id, why in offer.panel.passed_over]
    reasons = ((slot.rep_id, passed_over_because(slot, frozenset())) for slot in team.slots.values())
    return [Skipped(rep_id=rep_id, reason=why) for rep_id, why in reasons if why]
