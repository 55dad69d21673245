"""Where a difference waits, and what to do: parked, refused, not sent yet, given up, or simply gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from asyncpg import Record

from deploy.ops.reconcile.equations import Equation, Way
from deploy.ops.reconcile.findings import Difference, Line
from deploy.ops.reconcile.servers import Databases

PARKED = """
SELECT DISTINCT ON (place) CASE WHEN $3 THEN event_id::text ELSE key END AS place, topic, key, state
FROM parked_events
WHERE state IN ('parked', 'discarded')
  AND CASE WHEN $3 THEN event_id::text = ANY($2::text[]) ELSE topic = $1 AND key = ANY($2::text[]) END
ORDER BY place, state DESC
"""
REFUSED = """
SELECT DISTINCT ON (place) CASE WHEN $3 THEN o.event_id::text ELSE o.key END AS place, o.topic, o.key,
       CASE WHEN p.discarded_at IS NULL THEN 'parked' ELSE 'discarded' END AS state
FROM outbox_parked p JOIN outbox o USING (id, created_at)
WHERE CASE WHEN $3 THEN o.event_id::text = ANY($2::text[]) ELSE o.topic = $1 AND o.key = ANY($2::text[]) END
ORDER BY place, state DESC
"""
PENDING = """
SELECT DISTINCT CASE WHEN $3 THEN o.event_id::text ELSE o.key END AS place, o.topic, o.key
FROM outbox_pending p JOIN outbox o USING (id, created_at)
WHERE CASE WHEN $3 THEN o.event_id::text = ANY($2::text[]) ELSE o.topic = $1 AND o.key = ANY($2::text[]) END
"""


@dataclass(frozen=True, slots=True)
class _Reason:
    why: str
    remedy: str
    given_up: bool = False


async def explain(databases: Databases, equation: Equation, line: Line) -> Line:
    """The line with a reason and a remedy for each difference; what somebody gave up is no difference."""
    reasons = await _reasons(databases, equation.way, line.differences) if equation.way else {}
    told: list[Difference] = []
    excused = 0
    for one in line.differences:
        reason = reasons.get(_word(one))
        if reason and reason.given_up:
            excused += 1
        elif reason:
            told.append(replace(one, why=reason.why, remedy=reason.remedy))
        else:
            told.append(replace(one, remedy=equation.remedy.format(key=_word(one), entry=one.key)))
    return replace(line, count=line.count - excused, excused=excused, differences=tuple(told))


def _word(difference: Difference) -> str:
    """The key of the events about this entry: the first word of the entry's own key."""
    return difference.key.partition("/")[0]


async def _reasons(
    databases: Databases, way: Way, differences: Sequence[Difference]
) -> Mapping[str, _Reason]:
    """By the key of events. What waits last on the way wins: it is what to do first."""
    asked = way.topic, sorted({_word(one) for one in differences}), way.by_id
    found: dict[str, _Reason] = {}
    async with databases.reading(way.consumer) as connection:
        found |= _told(await connection.fetch(PARKED, *asked), way.consumer, "parked")
    async with databases.reading(way.publisher) as connection:
        found |= _told(await connection.fetch(REFUSED, *asked), way.publisher, "outbox")
        for place, _topic, _key in await connection.fetch(PENDING, *asked):
            found[place] = _Reason(
                f"its event has not left {way.publisher} yet",
                f"is {way.publisher}'s worker running, and Kafka? leadloop outbox list {way.publisher}",
            )
    return found


def _told(rows: Iterable[Record], service: str, group: str) -> dict[str, _Reason]:
    reasons = {}
    for place, topic, key, state in rows:
        if state == "discarded":
            reasons[place] = _Reason("an operator gave its event up", "", given_up=True)
        else:
            where = f"parked in {service}" if group == "parked" else f"refused by Kafka, parked in {service}"
            reasons[place] = _Reason(
                f"its event is {where}", f"leadloop {group} retry-key {service} {topic} {key}"
            )
    return reasons
