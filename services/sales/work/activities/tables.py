"""Activities, planned and done, of deals and without one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.sales.base import Base
from services.sales.selling.deals.tables import Deal
from services.sales.work.activities.rules import State, state_of

MOMENT = DateTime(timezone=True)
OPEN = text("done_at IS NULL AND cancelled_at IS NULL")


class Activity(Base):
    """Something a rep did or plans to do. `title` and `note` may name a person: they stay here.

    `version` counts what was told of it. `assignee_id` is whose it is to do; null in rows of before: the
    deal's owner's. What is `cancelled` after it was done did not happen after all.
    """

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("due_at IS NOT NULL OR done_at IS NOT NULL", name="due_or_done"),
        Index("ix_activities_deal_id", "deal_id", "id"),
        Index("ix_activities_due", "due_at", "id", postgresql_where=text("done_at IS NULL")),
        Index("ix_activities_assignee_id", "assignee_id", "due_at", "id", postgresql_where=OPEN),
        Index(
            "uq_activities_submission_id",
            "submission_id",
            unique=True,
            postgresql_where=text("submission_id IS NOT NULL"),
        ),
        Index(
            "uq_activities_external_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deals.id"))
    assignee_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str | None] = mapped_column(String(200))
    contact_id: Mapped[UUID | None] = mapped_column(index=True)
    direction: Mapped[str | None] = mapped_column(String(8))
    by_human: Mapped[bool] = mapped_column(Boolean, server_default="true")
    due_at: Mapped[datetime | None] = mapped_column(MOMENT)
    # how often it was put to another time
    moves: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    reminder_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)
    outcome: Mapped[str | None] = mapped_column(String(80))
    cancelled_at: Mapped[datetime | None] = mapped_column(MOMENT)
    cancel_reason: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(String(200))
    # What the person sent, of kind `submission`: marketing shows it with their card.
    submission_id: Mapped[UUID | None]
    by: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    revision: Mapped[int] = mapped_column(BigInteger, server_default="1")
    recorded_at: Mapped[datetime] = mapped_column(MOMENT, server_default=text("now()"))

    deal: Mapped[Deal | None] = relationship(lazy="joined", viewonly=True)

    @property
    def state(self) -> State:
        """As shown."""
        return state_of(self.done_at, self.cancelled_at)

    @property
    def company_name(self) -> str | None:
        return self.deal.company_name if self.deal else None

    @property
    def stage(self) -> str | None:
        return self.deal.stage if self.deal else None
