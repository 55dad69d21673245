"""Putting a new version of the scoring model."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.scoring import queries
from services.marketing.funnel.scoring.schemas import ScoringModelForm
from services.marketing.funnel.scoring.tables import ScoringModel
from shared.http.etags import check_version


async def put_model(
    session: AsyncSession, form: ScoringModelForm, *, by: str, if_match: int | None, now: datetime
) -> ScoringModel:
    """Retire the active version and activate this one. Leads keep their score until they next arrive."""
    active = await queries.lock_current(session)
    version = await queries.last_version(session)
    check_version(if_match, version)
    if active is not None:
        active.state = "retired"
        await session.flush()
    model = ScoringModel(
        version=version + 1,
        state="active",
        threshold=form.threshold,
        fit_cap=form.fit_cap,
        engagement_cap=form.engagement_cap,
        rules=[rule.model_dump(mode="json") for rule in form.rules],
        created_by=by,
        active_from=now,
    )
    session.add(model)
    await session.flush()
    await session.refresh(model)
    return model
