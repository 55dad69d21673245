"""What handoff keeps of sales' deals: whether a lead's deal is open, and who has it."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.handoff.base import Base


class Deal(Base):
    """The newest closing, reopening or change of owner heard of a deal; `version` guards against older news.

    `rep_id` is who has it; null in rows of before that was kept.
    """

    __tablename__ = "deals"

    deal_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    cycle: Mapped[int]
    version: Mapped[int]
    open: Mapped[bool]
    rep_id: Mapped[UUID | None]

    __table_args__ = (Index("ix_deals_lead_id_cycle", "lead_id", "cycle"),)
