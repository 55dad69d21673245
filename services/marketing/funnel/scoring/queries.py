"""Every SELECT on scoring models."""

from collections.abc import Iterable
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.scoring.rules import Model
from services.marketing.funnel.scoring.schemas import RuleForm
from services.marketing.funnel.scoring.tables import ScoringModel
from shared.database.sessions import driver

_FORMS = TypeAdapter(list[RuleForm])
ACTIVE = (
    "SELECT version, threshold, fit_cap, engagement_cap, rules::text "
    "FROM scoring_models WHERE state = 'active'"
)


async def active_model(session: AsyncSession) -> Model:
    """The model that scores now. The first migration activates version 1, so there always is one."""
    connection = await driver(session)
    row = await connection.fetchrow(ACTIVE)
    if row is None:
        raise LookupError("No scoring model is active; put one at /v1/scoring-model.")
    return _read(*row)


@lru_cache(maxsize=16)
def _read(version: int, threshold: int, fit_cap: int, engagement_cap: int, rules: str) -> Model:
    """Parsed once per version: a version is never edited."""
    forms = _FORMS.validate_json(rules)
    return Model(version, threshold, fit_cap, engagement_cap, tuple(form.rule() for form in forms))


async def current(session: AsyncSession) -> ScoringModel | None:
    return await session.scalar(select(ScoringModel).where(ScoringModel.state == "active"))


async def lock_current(session: AsyncSession) -> ScoringModel | None:
    """The active version, locked: two people who put a model take turns."""
    return await session.scalar(select(ScoringModel).where(ScoringModel.state == "active").with_for_update())


async def last_version(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(ScoringModel.version))) or 0


async def points(session: AsyncSession, versions: Iterable[int]) -> dict[tuple[int, str], int]:
    """What each rule of these versions gives, by version and code."""
    query = select(ScoringModel.version, ScoringModel.rules).where(ScoringModel.version.in_(set(versions)))
    return {
        (version, rule["code"]): rule["points"]
        for version, rules in (await session.execute(query)).all()
        for rule in rules
    }
