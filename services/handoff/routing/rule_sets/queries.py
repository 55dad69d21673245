"""Every SELECT of the routing rules."""

from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.rule_sets.rules import ALWAYS, Conditions, Rule, RuleBook
from services.handoff.routing.rule_sets.tables import RuleSet
from shared.database.sessions import driver

# Asked with every batch of leads, so without the ORM.
ACTIVE = """
SELECT rule_set, id, name, team_id, conditions::text FROM routing_rules
WHERE rule_set = (SELECT max(version) FROM rule_sets) ORDER BY position
"""


async def active_rules(session: AsyncSession) -> RuleBook:
    """The rules that decide now: the newest version. There always is one, the migration sees to that."""
    rows = await (await driver(session)).fetch(ACTIVE)
    rules = tuple(
        Rule(rule_id, name, team_id, read_conditions(orjson.loads(conditions)))
        for _, rule_id, name, team_id, conditions in rows
    )
    return RuleBook(rows[0]["rule_set"], rules)


async def rule_set(session: AsyncSession, version: int) -> RuleSet:
    return (await session.scalars(select(RuleSet).where(RuleSet.version == version))).one()


def read_conditions(stored: dict[str, Any]) -> Conditions:
    """Conditions as they are stored: only the keys that say something."""
    if not stored:
        return ALWAYS
    sets = {name: frozenset(values) for name, values in stored.items() if isinstance(values, list)}
    return Conditions(**(stored | sets))
