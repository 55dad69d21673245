"""Touches: every meeting of a person with something of ours, and those nobody has a name for yet.

`occurred_at` is when it happened, `recorded_at` when we learned it: backfills are normal here.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Index,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)


class Touch(Base):
    """One meeting of a person with something of ours. Changed only when a campaign claims it later."""

    __tablename__ = "touches"
    __table_args__ = (
        Index("ix_touches_contact_id_occurred_at", "contact_id", "occurred_at"),
        Index(
            "uq_touches_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index("ix_touches_session_id", "session_id", postgresql_where=text("session_id IS NOT NULL")),
        Index("ix_touches_visitor_id", "visitor_id", postgresql_where=text("visitor_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]
    submission_id: Mapped[UUID | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str | None] = mapped_column(String(200))
    campaign_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(80))
    session_id: Mapped[str | None] = mapped_column(String(200))
    landing_path: Mapped[str | None] = mapped_column(Text)
    utm: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    click_ids: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    visitor_id: Mapped[str | None] = mapped_column(String(200))
    referrer: Mapped[str | None] = mapped_column(Text)
    self_reported: Mapped[str | None] = mapped_column(Text)
    channel_rules: Mapped[int | None] = mapped_column(SmallInteger)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class AnonymousTouch(Base):
    """A touch of a session or visitor; it becomes a person's when a form names that session or visitor."""

    __tablename__ = "anonymous_touches"
    __table_args__ = (
        Index("ix_anonymous_touches_session_id", "session_id"),
        Index("ix_anonymous_touches_visitor_id", "visitor_id"),
        Index(
            "uq_anonymous_touches_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str | None] = mapped_column(String(200))
    campaign_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(80))
    session_id: Mapped[str | None] = mapped_column(String(200))
    visitor_id: Mapped[str | None] = mapped_column(String(200))
    landing_path: Mapped[str | None] = mapped_column(Text)
    utm: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    click_ids: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    referrer: Mapped[str | None] = mapped_column(Text)
    channel_rules: Mapped[int | None] = mapped_column(SmallInteger)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class UnmatchedReference(Base):
    """What a touch without a campaign was called by; gone when a campaign of that name claims it."""

    __tablename__ = "unmatched_references"
    __table_args__ = (Index("ix_unmatched_references_touch_id", "touch_id"),)

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    touch_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
