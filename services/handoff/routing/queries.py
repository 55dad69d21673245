"""Every SELECT of the routing rules."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.rules import ALWAYS, Conditions, Rule, RuleBook
from services.handoff.routing.tables import RoutingRule, RuleSet


async def active_rules(session: AsyncSession) -> RuleBook:
    """The rules that decide now: the newest version. There always is one, the migration sees to that."""
    newest = select(func.max(RuleSet.version)).scalar_subquery()
    columns = (
        RoutingRule.rule_set,
        RoutingRule.id,
        RoutingRule.name,
        RoutingRule.team_id,
        RoutingRule.conditions,
    )
    found = select(*columns).where(RoutingRule.rule_set == newest).order_by(RoutingRule.position)
    rows = (await session.execute(found)).all()
    rules = tuple(Rule(row.id, row.name, row.team_id, read_conditions(row.conditions)) for row in rows)
    return RuleBook(rows[0].rule_set, rules)


async def rule_set(session: AsyncSession, version: int) -> RuleSet:
    return (await session.scalars(select(RuleSet).where(RuleSet.version == version))).one()


def read_conditions(stored: dict[str, Any]) -> Conditions:
    """Conditions as they are stored: only the keys that say something."""
    if not stored:
        return ALWAYS
    sets = {name: frozenset(values) for name, values in stored.items() if isinstance(values, list)}
    return Conditions(**(stored | sets))
