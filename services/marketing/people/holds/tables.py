"""Who holds whom, and who the holders are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base


class ContactHold(Base):
    """A person in a rep's hands by a lead, a deal or a claim: the newest said of it, up to `version`.

    Rows are facts: whether the rep holds the person now follows from all rows of the person by the rules.
    """

    __tablename__ = "contact_holds"

    # a lead's id, a deal's, or that of the rep who claims the person
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(BigInteger)
    # a deal's are those of the lead it was opened for
    lead_id: Mapped[UUID | None]
    cycle: Mapped[int | None] = mapped_column(SmallInteger)
    rep_id: Mapped[UUID | None]
    # of a lead: offered, accepted, ended, returned; of a deal: open, won, lost, disqualified; or claimed
    state: Mapped[str] = mapped_column(String(12))
    # when an offer or a claim ends by itself, or ended
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Holder(Base):
    """A rep, as handoff last told: by which subject they sign in, their team and its manager."""

    __tablename__ = "holders"

    rep_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    display_name: Mapped[str | None]
    team_id: Mapped[UUID]
    manager_subject: Mapped[str | None]
    active: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
