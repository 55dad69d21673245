"""Winning, losing, reopening, amending and refunding a deal over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.sales.selling.access import CORRECTIONS, DEALS
from services.sales.selling.closing import use_cases
from services.sales.selling.closing.schemas import AmendForm, LossForm, RefundForm, ReopenForm, WinForm
from services.sales.selling.closing.use_cases import Command
from services.sales.selling.deals.schemas import DealView
from services.sales.selling.deals.tables import Deal
from services.sales.settings import Settings
from shared import clock
from shared.auth.access import Caller
from shared.http.etags import IfMatch, etag
from shared.http.service import Transaction, router

closing = router("/v1/deals/{deal_id}", tags=["closing"])
Sellers = Annotated[Caller, Depends(DEALS.change)]
Correctors = Annotated[Caller, Depends(CORRECTIONS.change)]


@closing.post("/win")
async def win_deal(
    deal_id: UUID,
    form: WinForm,
    session: Transaction,
    request: Request,
    response: Response,
    if_match: IfMatch,
    caller: Sellers,
) -> DealView:
    """Win a deal. Its amount is converted with the rate of the closing day, frozen from now on."""
    settings: Settings = request.app.state.settings
    command = Command(caller, deal_id, if_match, clock.now())
    deal = await use_cases.win_deal(session, command, form, needs_payment=settings.win_needs_payment)
    return _shown(deal, response)


@closing.post("/lose")
async def lose_deal(
    deal_id: UUID,
    form: LossForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Sellers,
) -> DealView:
    """Lose a deal, with the reason and the competitor who got it."""
    command = Command(caller, deal_id, if_match, clock.now())
    return _shown(await use_cases.lose_deal(session, command, form), response)


@closing.post("/reopen")
async def reopen_deal(
    deal_id: UUID,
    form: ReopenForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Correctors,
) -> DealView:
    """Open a won or lost deal again. It earns nothing until it closes again."""
    command = Command(caller, deal_id, if_match, clock.now())
    return _shown(await use_cases.reopen_deal(session, command, form), response)


@closing.post("/amend")
async def amend_deal(
    deal_id: UUID,
    form: AmendForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Correctors,
) -> DealView:
    """Correct a won deal's contract value, at the rate of its close."""
    command = Command(caller, deal_id, if_match, clock.now())
    return _shown(await use_cases.amend_deal(session, command, form), response)


@closing.post("/refunds", status_code=201)
async def refund_deal(
    deal_id: UUID,
    form: RefundForm,
    session: Transaction,
    response: Response,
    if_match: IfMatch,
    caller: Correctors,
) -> DealView:
    """Book a refund's net share. Send an Idempotency-Key: two refunds of one amount are possible."""
    command = Command(caller, deal_id, if_match, clock.now())
    return _shown(await use_cases.refund_deal(session, command, form), response)


def _shown(deal: Deal, response: Response) -> DealView:
    response.headers["ETag"] = etag(deal.revision)
    return DealView.model_validate(deal)
