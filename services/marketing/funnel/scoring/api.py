"""`/v1/scoring-model`: the rules that make a score."""

from typing import Annotated

from fastapi import Depends, Response

from services.marketing.funnel.access import SCORING_MODEL
from services.marketing.funnel.scoring import queries, use_cases
from services.marketing.funnel.scoring.schemas import ScoringModelForm, ScoringModelView
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Transaction, router

scoring = router("/v1/scoring-model", tags=["leads"])
Readers = Annotated[Caller, Depends(SCORING_MODEL.read)]
Writers = Annotated[Caller, Depends(SCORING_MODEL.change)]


@scoring.get("")
async def show_model(session: Transaction, response: Response, _: Readers) -> ScoringModelView:
    """The version that scores now; its ETag is what a new version sends back as If-Match."""
    model = await queries.current(session)
    if model is None:
        raise NotFoundError("No scoring model is active. Put one here.")
    response.headers["ETag"] = etag(model.version)
    return ScoringModelView.model_validate(model)


@scoring.put("")
async def put_model(
    form: ScoringModelForm,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Writers,
) -> ScoringModelView:
    """Make a new version, which scores from now on. Every score names the version that made it."""
    model = await use_cases.put_model(session, form, by=caller.subject, if_match=if_match, now=clock.now())
    response.headers["ETag"] = etag(model.version)
    return ScoringModelView.model_validate(model)
