"""Handoff's copy of a lead, and the offers made for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import DateTime

from services.handoff.base import Base

WHEN = DateTime(timezone=True)


class Lead(Base):
    """One qualification (cycle) of a lead: the facts that decide, where it is, and its clocks.

    `version` counts the facts published about the lead across its cycles; a new cycle's row
    goes on counting, and the rows before it publish nothing any more.
    `hop` counts the offers of the cycle. `held` are leads of the past that nobody asked to offer: known,
    and left alone. `withdrawn_at`: marketing took the cycle back, whatever its state; no report counts it.
    No foreign keys: a hot table, and reps and teams stay.
    """

    __tablename__ = "leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    hop: Mapped[int] = mapped_column(SmallInteger)
    team_id: Mapped[UUID]
    band: Mapped[str] = mapped_column(String(8))
    rule_set: Mapped[int]
    rule_id: Mapped[UUID]
    rep_id: Mapped[UUID | None]
    # In the pool: not looked at again before this moment.
    wait_until: Mapped[datetime | None] = mapped_column(WHEN)
    traceparent: Mapped[str | None] = mapped_column(String(64))

    received_at: Mapped[datetime] = mapped_column(WHEN)
    qualified_at: Mapped[datetime] = mapped_column(WHEN)
    backfilled: Mapped[bool]
    source: Mapped[str] = mapped_column(String(80))
    campaign_id: Mapped[UUID | None]
    hand_raiser: Mapped[bool]
    score: Mapped[int]
    country: Mapped[str | None] = mapped_column(String(80))
    company_id: Mapped[UUID | None]
    company_name: Mapped[str | None]
    company_domain: Mapped[str | None]
    company_size: Mapped[int | None]
    industry: Mapped[str | None] = mapped_column(String(80))

    assigned_at: Mapped[datetime | None] = mapped_column(WHEN)
    accepted_at: Mapped[datetime | None] = mapped_column(WHEN)
    responded_at: Mapped[datetime | None] = mapped_column(WHEN)
    response_channel: Mapped[str | None] = mapped_column(String(80))
    # The activity of sales' that it was; null for what a rep stated. Both are kept: one may be corrected.
    response_activity_id: Mapped[UUID | None]
    stated_at: Mapped[datetime | None] = mapped_column(WHEN)
    stated_channel: Mapped[str | None] = mapped_column(String(80))
    connected_at: Mapped[datetime | None] = mapped_column(WHEN)
    ended_at: Mapped[datetime | None] = mapped_column(WHEN)
    end_reason: Mapped[str | None] = mapped_column(String(80))
    withdrawn_at: Mapped[datetime | None] = mapped_column(WHEN)
    withdrawn_because: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        CheckConstraint(
            "state IN ('held', 'pool', 'offered', 'accepted', 'returned', 'closed', 'superseded', "
            "'withdrawn')",
            name="known_state",
        ),
        CheckConstraint("(state = 'pool') = (wait_until IS NOT NULL)", name="only_the_pool_waits"),
        Index("ix_leads_pool", "team_id", "wait_until", postgresql_where=text("state = 'pool'")),
        # In the order in which it is served.
        Index(
            "ix_leads_pool_served",
            "team_id",
            "backfilled",
            "band",
            text("qualified_at DESC"),
            postgresql_where=text("state = 'pool'"),
        ),
        Index("ix_leads_held", "lead_id", postgresql_where=text("state = 'held'")),
        Index("ix_leads_received_at", "received_at"),
    )


class Assignment(Base):
    """One offer of a lead to one rep. `turn` is its number in the ledger of `team_id` and `band`.

    `rep_id` has it: who it was offered to, until its deal is handed over; `offered_to` is who it was then.
    """

    __tablename__ = "assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    cycle: Mapped[int]
    hop: Mapped[int] = mapped_column(SmallInteger)
    rep_id: Mapped[UUID]
    offered_to: Mapped[UUID | None]
    team_id: Mapped[UUID]
    band: Mapped[str] = mapped_column(String(8))
    turn: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    offered_at: Mapped[datetime] = mapped_column(WHEN)
    answer_by: Mapped[datetime] = mapped_column(WHEN)
    answered_at: Mapped[datetime | None] = mapped_column(WHEN)
    reason: Mapped[str | None] = mapped_column(String(80))
    trace: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        UniqueConstraint("lead_id", "cycle", "hop"),
        CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'expired', 'returned', 'closed')",
            name="known_state",
        ),
        Index("ix_assignments_due", "answer_by", postgresql_where=text("state = 'offered'")),
        Index("ix_assignments_rep_id_id", "rep_id", "id"),
    )
