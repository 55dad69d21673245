"""The fairness ledger: whose turn it is, and every turn there ever was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer, String, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import DateTime, Uuid

from services.handoff.base import Base


class Ledger(Base):
    """One per team and grade band, and one for leads of the past, so that these take no turns of live ones.

    Its row is the lock under which turns are given, one after the other.
    """

    __tablename__ = "ledgers"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    band: Mapped[str] = mapped_column(String(8), primary_key=True)
    turns: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (CheckConstraint("band IN ('hot', 'warm', 'backfill')", name="known_band"),)


class Share(Base):
    """Where a rep stands in one ledger: the sum of its turns, kept up with them.

    `due` and `received` are whole numbers of `rules.UNIT` per lead.
    """

    __tablename__ = "standings"

    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(String(8), primary_key=True)
    rep_id: Mapped[UUID] = mapped_column(ForeignKey("reps.id"), primary_key=True)
    due: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    last_turn: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (ForeignKeyConstraint(["team_id", "band"], ["ledgers.team_id", "ledgers.band"]),)


class Panel(Base):
    """Who was eligible for a lead, with which weights, and who was passed over and why.

    The id is a digest of the content: thousands of turns in a row share one panel.
    """

    __tablename__ = "panels"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rep_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    weights: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    passed_over: Mapped[list[list[str]]] = mapped_column(JSONB)


class Turn(Base):
    """Append-only. `assigned` and `manual` give a turn, `credited_back` undoes it, `calibrated` starts a rep.

    No foreign keys: this table is written once per lead, and what it names is never deleted.
    """

    __tablename__ = "turns"

    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    rep_id: Mapped[UUID]
    panel_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    amount: Mapped[int] = mapped_column(BigInteger, server_default="0")
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind IN ('assigned', 'manual', 'credited_back', 'calibrated')", name="known_kind"),
    )
