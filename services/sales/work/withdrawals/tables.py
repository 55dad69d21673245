"""The leads that marketing took back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class WithdrawnLead(Base):
    """A cycle of a lead that was taken back. Kept, as its deal may be opened later than that is heard."""

    __tablename__ = "withdrawn_leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(80))
    withdrawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
