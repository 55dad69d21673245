"""What belongs to a demo beyond its activity."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class Demo(Base):
    """The sheet of an activity that is a demo or presentation. Its texts may name people: they stay here.

    It changes with its activity, whose revision counts for both. `attendees` are contact ids with roles,
    never names.
    """

    __tablename__ = "demos"

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    product: Mapped[str | None] = mapped_column(String(80))
    presenter_id: Mapped[UUID | None]
    attendees: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    material: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    objections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
