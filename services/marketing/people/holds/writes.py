"""The set-based writes of who holds whom. Each takes what is said only if it is newer than what is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.marketing.people.holds.rules import ClaimState, DealState, LeadState
from services.marketing.people.holds.tables import ContactHold, Holder
from shared.database import bulk


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """What was said of one lead or deal of a person."""

    source_id: UUID
    contact_id: UUID
    kind: str
    version: int
    lead_id: UUID | None
    cycle: int | None
    rep_id: UUID | None
    state: LeadState | DealState | ClaimState
    until: datetime | None = None


class EndedRow(NamedTuple):
    """A lead that its rep has no more."""

    source_id: UUID
    version: int
    state: LeadState
    until: datetime


class HolderRow(NamedTuple):
    """A rep as one fact says."""

    rep_id: UUID
    subject: str
    display_name: str
    team_id: UUID
    manager_subject: str | None
    active: bool
    version: int


NEWER = "t.version < excluded.version"
HOLD = bulk.insert(ContactHold, HoldRow, on_conflict=bulk.replace("source_id", "contact_id", where=NEWER))
# One that still lasts stays as it is: claiming again makes it no longer.
CLAIM = bulk.insert(
    ContactHold, HoldRow, on_conflict=bulk.replace("source_id", "contact_id", where="t.until < now()")
)
END = bulk.update(ContactHold, EndedRow, key=("source_id",), where="t.version < x.version")
# What is told again fills in a name that was not kept before.
COPY_HOLDERS = bulk.insert(
    Holder,
    HolderRow,
    on_conflict=bulk.replace(
        "rep_id", where=f"{NEWER} OR (t.version = excluded.version AND t.display_name IS NULL)"
    ),
)
# Marketing has taken these cycles back: what was offered is offered no more.
WITHDRAW = """
UPDATE contact_holds h SET until = least(h.until, x.at)
FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS x(lead_id, cycle, at)
WHERE h.source_id = x.lead_id AND h.cycle = x.cycle AND h.state = 'offered'
"""
# Who was taken off deals; those who stay are pairs of a deal and a person.
LET_GO = """
DELETE FROM contact_holds h WHERE h.source_id = ANY($1::uuid[]) AND NOT EXISTS (
    SELECT FROM unnest($2::uuid[], $3::uuid[]) AS x(deal_id, contact_id)
    WHERE x.deal_id = h.source_id AND x.contact_id = h.contact_id)
"""
FORGET = "DELETE FROM contact_holds WHERE source_id = ANY($1::uuid[])"
FORGET_HOLDERS = "DELETE FROM holders WHERE rep_id = ANY($1::uuid[])"
