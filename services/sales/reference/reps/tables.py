"""Sales' copy of reps: their team and its manager."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base


class Rep(Base):
    """A rep as handoff last told. `version` is the version of that fact: an older one changes nothing."""

    __tablename__ = "reps"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    display_name: Mapped[str]
    team_id: Mapped[UUID]
    team_name: Mapped[str]
    manager_subject: Mapped[str | None] = mapped_column(index=True)
    active: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
