"""What a restored database could catch up, and what is gone: it is compared with the others as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deploy.ops.reconcile import Addresses, Findings, reconcile
from deploy.ops.reconcile.comparing import compare
from deploy.ops.reconcile.equations import EQUATIONS, Since
from deploy.ops.reconcile.servers import opened
from shared.database.sessions import connect

LONGEST = 600  # seconds: a log may hold millions
OWN_FACTS = """
SELECT type, count(*) AS facts FROM outbox
WHERE created_at >= $1 AND topic NOT LIKE 'dead.%' GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """For one service, if its database had to be brought back from the backup now."""

    service: str
    to_catch_up: int  # events in the others' logs that the restored database has not handled
    gone: Mapping[str, int]  # its own facts since the backup, by type: in nobody's log but its own


async def outlook(live: Addresses, restored: Mapping[str, str], service: str, since: datetime) -> Outlook:
    """Compare the restored database with the other two as they are. Reads only."""
    mixed = {**live.databases, service: restored[service]}
    behind = 0
    async with opened(mixed) as databases:
        for equation in EQUATIONS:
            right = equation.right
            if right is not None and right.service == service and equation.name.startswith("delivered_"):
                # The backup is older than the others' logs: what it has handled is among what they have.
                found = await compare(databases, equation, Since(None))
                behind += found.left - (found.right or 0)
    return Outlook(service, behind, await _own(live, restored, service, since))


async def _own(live: Addresses, restored: Mapping[str, str], service: str, since: datetime) -> dict[str, int]:
    """Facts the service has told that its backup does not have, by type."""
    now = await _facts(live.databases[service], since)
    then = await _facts(restored[service], since)
    grown = {name: count - then.get(name, 0) for name, count in now.items()}
    return {name: count for name, count in grown.items() if count > 0}


async def _facts(url: str, since: datetime) -> dict[str, int]:
    connection = await connect(url, application="leadloop-drill", statement_timeout="0")
    try:
        return {
            row["type"]: row["facts"] for row in await connection.fetch(OWN_FACTS, since, timeout=LONGEST)
        }
    finally:
        await connection.close()


async def equal_among_themselves(live: Addresses, restored: Mapping[str, str]) -> Findings:
    """Do the three restored databases say the same? Kafka is left out: it has gone on."""
    return await reconcile(replace(live, databases=restored, kafka=None), patience=0, within=None)
