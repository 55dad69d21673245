"""Writing a new version of the rules. Old versions stay: decisions name the version that made them."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.rule_sets import queries
from services.handoff.routing.rule_sets.rules import RuleBook, faults
from services.handoff.routing.rule_sets.schemas import RuleSetForm, stored
from services.handoff.routing.rule_sets.tables import RoutingRule, RuleSet
from services.handoff.staff.reps.tables import Team
from shared import clock
from shared.errors import FieldError, InvalidError
from shared.http.etags import check_version


async def write_rules(session: AsyncSession, form: RuleSetForm, *, seen: int | None, by: str) -> RuleBook:
    """Make these the active rules. Raises InvalidError for a set that could leave a lead unowned."""
    conditions = [rule.conditions.rule() for rule in form.rules]
    errors: list[FieldError] = [{"pointer": at, "detail": what} for at, what in faults(conditions)]
    errors += await _unknown_teams(session, form)
    if errors:
        raise InvalidError("These rules can't be used.", errors=errors)
    # One writer at a time, so that versions have no gaps; readers are not held up.
    await session.execute(text("LOCK TABLE rule_sets IN SHARE ROW EXCLUSIVE MODE"))
    version = (await session.execute(select(func.max(RuleSet.version)))).scalar_one()
    check_version(seen, version)
    session.add(RuleSet(version=version + 1, created_by=by))
    await session.flush()
    session.add_all(
        RoutingRule(
            id=clock.new_id(),
            rule_set=version + 1,
            position=position,
            name=rule.name,
            team_id=rule.team_id,
            conditions=stored(each),
        )
        for position, (rule, each) in enumerate(zip(form.rules, conditions, strict=True))
    )
    await session.flush()
    return await queries.active_rules(session)


async def _unknown_teams(session: AsyncSession, form: RuleSetForm) -> list[FieldError]:
    wanted = {rule.team_id for rule in form.rules}
    known = set((await session.scalars(select(Team.id).where(Team.id.in_(wanted)))).all())
    return [
        {"pointer": f"/rules/{index}/team_id", "detail": "No such team."}
        for index, rule in enumerate(form.rules)
        if rule.team_id not in known
    ]
