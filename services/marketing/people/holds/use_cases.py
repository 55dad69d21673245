"""Keeping who holds whom, as handoff and sales tell it, and answering whose a person is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.access import CONTACTS_ON_DEALS
from services.marketing.people.contacts import queries as contacts
from services.marketing.people.holds import queries, rules
from services.marketing.people.holds.rules import DealState, Joining
from services.marketing.people.holds.writes import CLAIM, FORGET, HOLD, LET_GO, WITHDRAW, HoldRow
from shared.auth.access import Caller, Rows
from shared.database.sessions import driver
from shared.events.sales import (
    DealAmended,
    DealClosed,
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
)

DealNews = DealOpened | DealContactsChanged | DealOwnerChanged | DealClosed | DealAmended
CLAIMED_FOR = timedelta(days=30)


async def hold_leads(session: AsyncSession, rows: Sequence[HoldRow]) -> None:
    """These reps were offered these leads, or have accepted them."""
    await HOLD(await driver(session), rows)


async def hold_deals(session: AsyncSession, events: Sequence[DealNews]) -> None:
    """These deals are as told: their reps hold the people on them, or no more."""
    rows = [
        HoldRow(
            source_id=event.deal_id,
            contact_id=contact_id,
            kind="deal",
            version=event.version,
            lead_id=event.lead_id,
            cycle=event.cycle,
            rep_id=event.rep_id,
            state=_state(event),
        )
        for event in events
        for contact_id in sorted(set(event.contact_ids))
    ]
    await HOLD(await driver(session), sorted(rows, key=lambda row: (row.source_id, row.contact_id)))


async def let_go(session: AsyncSession, stay: Mapping[UUID, Sequence[UUID]]) -> None:
    """Nobody but these is on these deals any more."""
    if not stay:
        return
    pairs = [(deal_id, contact_id) for deal_id, them in stay.items() for contact_id in them]
    deals, people = [deal_id for deal_id, _ in pairs], [contact_id for _, contact_id in pairs]
    await (await driver(session)).execute(LET_GO, list(stay), deals, people)


async def claim(session: AsyncSession, contact_id: UUID, rep_id: UUID, *, now: datetime) -> datetime:
    """Give the rep a person nobody has in hand, to open a deal with them; until when."""
    connection = await driver(session)
    row = HoldRow(
        source_id=rep_id,
        contact_id=contact_id,
        kind="claim",
        version=1,
        lead_id=None,
        cycle=None,
        rep_id=rep_id,
        state="claimed",
        until=now + CLAIMED_FOR,
    )
    await CLAIM(connection, [row])
    until: datetime = await connection.fetchval(queries.CLAIMED_UNTIL, rep_id, contact_id)
    return until


def _state(event: DealNews) -> DealState:
    if isinstance(event, DealOpened | DealContactsChanged):
        return "open"
    return event.outcome or "open"


async def withdraw(session: AsyncSession, cycles: Sequence[tuple[UUID, int, datetime]]) -> None:
    """Marketing has taken these cycles of leads back: offers of them show nobody any more."""
    if cycles:
        await (await driver(session)).execute(WITHDRAW, *map(list, zip(*cycles, strict=True)))


async def forget(session: AsyncSession, source_ids: Collection[UUID]) -> None:
    """Let it be as if nothing had been said of these leads or deals."""
    await (await driver(session)).execute(FORGET, list(source_ids))


async def reach(session: AsyncSession, subject: str, contact_id: UUID, *, now: datetime) -> Rows:
    """OWN when the person of this subject has the contact in hand, MANAGED when a team of theirs has."""
    holds = await queries.holds_of(session, [contact_id])
    return rules.reach(rules.standing(holds[contact_id], now), subject)


async def joinable(
    session: AsyncSession,
    person: Caller,
    contact_ids: Sequence[UUID],
    *,
    rep_id: UUID | None,
    company_id: UUID | None,
    now: datetime,
) -> set[UUID]:
    """Those of these contacts whom this person may put on a deal of that rep (None: their own) and company.

    Nobody learns whether one that is not in the answer exists.
    """
    companies = await contacts.companies_of(session, contact_ids)
    holds = await queries.holds_of(session, contact_ids)
    joining = Joining(
        CONTACTS_ON_DEALS.change.reach(person),
        person.subject,
        await queries.team_of(session, person.subject, rep_id),
        company_id,
    )
    return {
        contact_id
        for contact_id, company in companies.items()
        if rules.may_join(holds[contact_id], company, joining, now)
    }
