"""Where submissions may come from: our forms, and accounts at ad platforms with their secrets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.marketing.base import Base
from services.marketing.capture.sources.rules import USUAL_FIELDS

Moment = DateTime(timezone=True)


class Form(Base):
    """A web form. Its key stands in the page's source: it lets people write submissions and read nothing."""

    __tablename__ = "forms"
    __table_args__ = (Index("ix_forms_created_at", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.id"))
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    field_mapping: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    hand_raiser: Mapped[bool] = mapped_column(Boolean, server_default="false")
    honeypot_field: Mapped[str | None] = mapped_column(String(100))
    redirect_url: Mapped[str | None] = mapped_column(Text)
    error_url: Mapped[str | None] = mapped_column(Text)
    # What the snippet and the hosted page show: our fields in order, texts of its own, what is agreed to.
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=f"{{{','.join(USUAL_FIELDS)}}}")
    title: Mapped[str | None] = mapped_column(String(200))
    texts: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    consent_text: Mapped[str | None] = mapped_column(Text)
    consent_text_version: Mapped[str | None] = mapped_column(String(40))
    consent_purpose: Mapped[str] = mapped_column(String(20), server_default="marketing_email")
    # What tells people from programs: a service of `challenges`, and the key of its widget.
    challenge: Mapped[str | None] = mapped_column(String(12))
    challenge_site_key: Mapped[str | None] = mapped_column(String(200))
    # Whose pages may show the hosted page in a frame.
    frame_origins: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    language: Mapped[str | None] = mapped_column(String(3))
    country: Mapped[str | None] = mapped_column(String(2))
    active: Mapped[bool] = mapped_column(Boolean, server_default="true")
    # How it does: `ok`, `silent` or `rejecting`, looked at each minute.
    state: Mapped[str] = mapped_column(String(12), server_default="ok")
    state_reason: Mapped[str | None] = mapped_column(String(300))
    state_since: Mapped[datetime | None] = mapped_column(Moment)
    # What its doors hold its posts against, counted each minute: the busiest hour of 28 days, and this one.
    busiest_hour: Mapped[int] = mapped_column(Integer, server_default="0")
    hour_began: Mapped[datetime | None] = mapped_column(Moment)
    hour_count: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class HourOfForm(Base):
    """How many posts a form got in an hour, floods left out; kept for the 28 days that tell what is usual."""

    __tablename__ = "form_hours"

    form_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    arrivals: Mapped[int] = mapped_column(Integer)


class Connection(Base):
    """An account at an ad platform that sends us leads."""

    __tablename__ = "connections"
    __table_args__ = (Index("ix_connections_created_at", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.id"))
    # By the platform's form id, and "*" for all others: its question -> our field.
    field_mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    hand_raiser: Mapped[bool] = mapped_column(Boolean, server_default="false")
    country: Mapped[str | None] = mapped_column(String(2))
    # What only its kind has, such as how a generic webhook is signed.
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    active: Mapped[bool] = mapped_column(Boolean, server_default="true")
    health: Mapped[str] = mapped_column(String(20), server_default="ok")
    health_reason: Mapped[str | None] = mapped_column(String(80))
    health_at: Mapped[datetime | None] = mapped_column(Moment)
    last_delivery_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    secrets: Mapped[list["ConnectionSecret"]] = relationship(
        lazy="selectin", order_by="ConnectionSecret.created_at", cascade="all, delete-orphan"
    )


class ConnectionSecret(Base):
    """One secret of a connection. Several of a kind live at once, so that they can be rotated.

    Each is encrypted (`sealed`); those that are only compared were kept as a hash (`digest`) before.
    """

    __tablename__ = "connection_secrets"
    __table_args__ = (Index("ix_connection_secrets_connection_id", "connection_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
