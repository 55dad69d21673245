"""The routing rules over HTTP."""

from typing import Annotated

from fastapi import Depends, Response

from services.handoff.routing.access import ROUTING_RULES
from services.handoff.routing.rule_sets import queries, use_cases
from services.handoff.routing.rule_sets.rules import RuleBook
from services.handoff.routing.rule_sets.schemas import RuleSetForm, RuleSetView, RuleView
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Caller, Transaction, router

routing_rules = router("/v1/routing-rules", tags=["routing"])

Reader = Annotated[Caller, Depends(ROUTING_RULES.read)]
Admin = Annotated[Caller, Depends(ROUTING_RULES.change)]


@routing_rules.get("")
async def show_rules(session: Transaction, caller: Reader, response: Response) -> RuleSetView:
    """The active rules, in the order in which they are tried."""
    return await _view(session, await queries.active_rules(session), response)


@routing_rules.put("")
async def write_rules(
    form: RuleSetForm, seen: IfMatchDemanded, session: Transaction, caller: Admin, response: Response
) -> RuleSetView:
    """Replace the rules. They hold at once, also for leads still in the pool; the old version is kept."""
    book = await use_cases.write_rules(session, form, seen=seen, by=caller.subject)
    return await _view(session, book, response)


async def _view(session: Transaction, book: RuleBook, response: Response) -> RuleSetView:
    made = await queries.rule_set(session, book.version)
    response.headers["ETag"] = etag(book.version)
    return RuleSetView(
        version=book.version,
        created_by=made.created_by,
        created_at=made.created_at,
        rules=[RuleView.of(rule) for rule in book.rules],
    )
