"""Scoring models: versioned data, so that every score can name the rules that made it."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Index, Integer, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base


class ScoringModel(Base):
    """One version of the rules. Never edited; the newest active one scores."""

    __tablename__ = "scoring_models"
    __table_args__ = (
        Index("uq_scoring_models_active", "state", unique=True, postgresql_where=text("state = 'active'")),
    )

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))  # draft, active, retired
    threshold: Mapped[int]
    fit_cap: Mapped[int]
    engagement_cap: Mapped[int]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    active_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
