"""Consent as it was given or refused: rows are only added, or go with the submission that is taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base


class ConsentGiven(Base):
    """What one submission said of one purpose. The latest of a contact holds."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_contact_id_purpose_at", "contact_id", "purpose", "at"),)

    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    contact_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(80))
    source_id: Mapped[UUID]
    text_version: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
