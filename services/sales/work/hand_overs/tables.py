"""What reps asked colleagues to take."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.sales.base import Base
from services.sales.selling.deals.tables import Deal

MOMENT = DateTime(timezone=True)


class HandOver(Base):
    """A rep asks another to take a deal. At most one is `asked` of a deal. `note` may name a person."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        Index("uq_hand_overs_asked", "deal_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index("ix_hand_overs_to_rep_id", "to_rep_id", postgresql_where=text("state = 'asked'")),
        Index("ix_hand_overs_from_rep_id", "from_rep_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"), index=True)
    from_rep_id: Mapped[UUID]
    to_rep_id: Mapped[UUID]
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activities.id"))
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(MOMENT)
    answered_at: Mapped[datetime | None] = mapped_column(MOMENT)

    deal: Mapped[Deal] = relationship(lazy="joined", viewonly=True)

    @property
    def company_name(self) -> str | None:
        return self.deal.company_name

    @property
    def stage(self) -> str:
        return self.deal.stage
