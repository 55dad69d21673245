"""A small service for the plumbing's own tests: it writes down which facts it saw, in which order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from shared.database.sessions import Sessions, driver
from shared.events.handoff import LeadAccepted, LeadDeclined, OfferExpired
from shared.messaging.subscriptions import Context, Subscriptions
from tests.support.samples import NOON

REP = UUID(int=7)


def declined(lead: int, version: int = 1, *, reason: str = "busy") -> LeadDeclined:
    return LeadDeclined(
        version=version, lead_id=UUID(int=lead), cycle=1, hop=1, rep_id=REP, reason=reason, declined_at=NOON
    )


def expired(lead: int, version: int = 1) -> OfferExpired:
    return OfferExpired(version=version, lead_id=UUID(int=lead), cycle=1, hop=1, rep_id=REP, expired_at=NOON)


async def _write(context: Context, events: Sequence[LeadDeclined | OfferExpired]) -> None:
    connection = await driver(context.session)
    for event in events:
        if getattr(event, "reason", "") == "poison":
            raise ValueError("a handler that can't")
    await connection.executemany(
        "INSERT INTO seen (key, version) VALUES ($1, $2)", [(event.key, event.version) for event in events]
    )


def subscriptions() -> Subscriptions:
    """Listens to two types of one topic; a decline with the reason `poison` can't be handled."""
    found = Subscriptions(group="handoff")
    found.on(LeadDeclined, _write)
    found.on(OfferExpired, _write)
    return found


async def prepare(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text(
                "CREATE TABLE seen (n bigserial PRIMARY KEY, key text, version bigint, UNIQUE (key, version))"
            )
        )


async def seen(sessions: Sessions) -> list[tuple[int, int]]:
    """(lead number, version) in the order handled."""
    async with sessions() as session:
        rows = await session.execute(text("SELECT key, version FROM seen ORDER BY n"))
        return [(UUID(row.key).int, row.version) for row in rows]


async def scalar(sessions: Sessions, sql: str) -> object:
    async with sessions() as session:
        return await session.scalar(text(sql))


def too_large() -> LeadAccepted:
    """An event that fits the outbox and not the topic."""
    return LeadAccepted(
        version=1,
        lead_id=UUID(int=3),
        cycle=1,
        hop=1,
        contact_id=UUID(int=4),
        rep_id=REP,
        team_id=UUID(int=5),
        qualified_at=NOON,
        assigned_at=NOON,
        accepted_at=NOON,
        source="web_form",
        score=1,
        company_name="x" * 2000,
    )
