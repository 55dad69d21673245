"""`/v1/hand-overs`: asking a colleague to take a deal, and the answer; `/v1/colleagues`: whom one may ask."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.sales.reference.reps.tables import Rep
from services.sales.selling.access import DEALS
from services.sales.work.access import HAND_OVERS
from services.sales.work.hand_overs import queries, use_cases
from services.sales.work.hand_overs.rules import State
from services.sales.work.hand_overs.schemas import ColleagueView, DeclineForm, HandOverForm, HandOverView
from services.sales.work.hand_overs.tables import HandOver
from shared import clock
from shared.auth.access import Caller
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

hand_overs = router("/v1", tags=["deals"])
Sellers = Annotated[Caller, Depends(DEALS.change)]
Readers = Annotated[Caller, Depends(HAND_OVERS.read)]
Answering = Annotated[Caller, Depends(HAND_OVERS.change)]
NEWEST_FIRST = Order(HandOver.id, descending=True)
BY_NAME = Order(Rep.display_name, Rep.id)


@hand_overs.get("/colleagues")
async def list_colleagues(session: Transaction, paging: Paging, _: Readers) -> Page[ColleagueView]:
    """Every active rep with their team, by name."""
    rows = (await session.scalars(BY_NAME.page(queries.colleagues(), paging))).all()
    return BY_NAME.show(rows, paging, ColleagueView.model_validate)


@hand_overs.get("/hand-overs")
async def list_hand_overs(
    session: Transaction, paging: Paging, caller: Readers, state: Annotated[State | None, Query()] = None
) -> Page[HandOverView]:
    """What you asked and were asked, a manager's reps' too, the latest first."""
    rows = (await session.scalars(NEWEST_FIRST.page(queries.visible(caller, state), paging))).all()
    return NEWEST_FIRST.show(rows, paging, HandOverView.model_validate)


@hand_overs.post("/deals/{deal_id}/hand-overs", status_code=201)
async def ask(deal_id: UUID, form: HandOverForm, session: Transaction, caller: Sellers) -> HandOverView:
    """Ask a colleague of any team to take an open deal. It stays yours until they say yes."""
    return HandOverView.model_validate(await use_cases.ask(session, caller, deal_id, form, now=clock.now()))


@hand_overs.post("/hand-overs/{hand_over_id}/accept")
async def accept(hand_over_id: UUID, session: Transaction, caller: Answering) -> HandOverView:
    """Take the deal, with its people, its lead and what is planned. Who brought it stays `sourced_by`."""
    return HandOverView.model_validate(await use_cases.accept(session, caller, hand_over_id, now=clock.now()))


@hand_overs.post("/hand-overs/{hand_over_id}/decline")
async def decline(
    hand_over_id: UUID, form: DeclineForm, session: Transaction, caller: Answering
) -> HandOverView:
    """Say no, and why. The deal stays where it is."""
    return HandOverView.model_validate(
        await use_cases.decline(session, caller, hand_over_id, form.reason, now=clock.now())
    )


@hand_overs.post("/hand-overs/{hand_over_id}/withdraw")
async def withdraw(hand_over_id: UUID, session: Transaction, caller: Answering) -> HandOverView:
    """Ask no more."""
    return HandOverView.model_validate(
        await use_cases.withdraw(session, caller, hand_over_id, now=clock.now())
    )
