"""Channels and campaigns: what money is spent on, and how a touch is recognised as theirs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base


class Channel(Base):
    """A way people come to us: paid search, e-mail, events. Only paid ones have a ROAS."""

    __tablename__ = "channels"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    paid: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Campaign(Base):
    """One campaign. `utm_campaign` is stored lower-cased, because links are typed by people."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("utm_campaign = lower(utm_campaign)", name="utm_lower"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(ForeignKey("channels.key"), index=True)
    utm_campaign: Mapped[str | None] = mapped_column(String(200), unique=True)
    budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CampaignExternalId(Base):
    """The id an ad platform gave the campaign; webhooks carry it."""

    __tablename__ = "campaign_external_ids"

    platform: Mapped[str] = mapped_column(String(40), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"), index=True)
