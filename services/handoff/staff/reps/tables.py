"""Teams, and the reps who can be offered leads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import DateTime

from services.handoff.base import Base


class Team(Base):
    """Reps who share leads. `version` counts its edits, for If-Match."""

    __tablename__ = "teams"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    manager_subject: Mapped[str | None] = mapped_column(String(200), index=True)
    answer_seconds_hot: Mapped[int] = mapped_column(server_default="3600")
    answer_seconds_warm: Mapped[int] = mapped_column(server_default="86400")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        CheckConstraint("answer_seconds_hot > 0 AND answer_seconds_warm > 0", name="patience_positive"),
    )


class Rep(Base):
    """Someone who talks to leads. Never deleted: inactive instead.

    `version` counts the facts published about the rep (handoff.reps), and is the ETag too.
    """

    __tablename__ = "reps"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    weight: Mapped[int] = mapped_column(server_default="1")
    capacity: Mapped[int] = mapped_column(server_default="50")
    active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        CheckConstraint("weight BETWEEN 1 AND 1000", name="weight_in_range"),
        CheckConstraint("capacity BETWEEN 0 AND 1000000", name="capacity_in_range"),
        Index("ix_reps_team_id", "team_id"),
    )


class Load(Base):
    """How many leads a rep has open (offered or accepted, not closed). Apart from the rep, so
    that sharing out leads never waits for, nor outdates, somebody's edit of the rep.
    """

    __tablename__ = "loads"

    rep_id: Mapped[UUID] = mapped_column(ForeignKey("reps.id"), primary_key=True)
    open_leads: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (CheckConstraint("open_leads >= 0", name="never_negative"),)
