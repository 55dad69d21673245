"""One row per lead in a delivery: what was understood of it, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base
from services.marketing.capture.deliveries.tables import Moment

# In quarantine, and asks to be contacted. Whoever took something back knows of it, and need not be told.
ASKING = "state = 'quarantined' AND hand_raiser AND reason IS DISTINCT FROM 'withdrawn'"


class Submission(Base):
    """One lead in a delivery. `waits_for` says why it is still pending: details, or processing."""

    __tablename__ = "submissions"
    __table_args__ = (
        # One submission of a source stands for an external id; changes to it and repeats stand beside.
        Index(
            "uq_submissions_standing",
            "source_id",
            "external_id",
            unique=True,
            postgresql_where=text(
                "external_id IS NOT NULL AND state IN ('created', 'merged') AND reason IS NULL"
            ),
        ),
        Index(
            "ix_submissions_external_id",
            "source_id",
            "external_id",
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index("ix_submissions_ready", "id", postgresql_where=text("waits_for = 'processing'")),
        Index("ix_submissions_due", "next_attempt_at", postgresql_where=text("waits_for = 'details'")),
        Index("ix_submissions_received_at", "received_at", "id"),
        Index("ix_submissions_source_id_received_at", "source_id", "received_at"),
        Index("ix_submissions_contact_id", "contact_id"),
        Index("ix_submissions_delivery_id", "delivery_id"),
        Index("ix_submissions_asking", "received_at", "id", postgresql_where=text(ASKING)),
        Index("ix_submissions_alarms", "id", postgresql_where=text(f"{ASKING} AND alarmed_at IS NULL")),
        # What is still there to be forgotten when its days are over.
        Index(
            "ix_submissions_kept",
            "received_at",
            postgresql_where=text("captured IS NOT NULL AND state IN ('created', 'merged')"),
        ),
        Index(
            "ix_submissions_kept_refused",
            "received_at",
            postgresql_where=text("captured IS NOT NULL AND state IN ('rejected', 'quarantined')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID]
    item: Mapped[int] = mapped_column(Integer, server_default="0")
    door: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID]
    external_id: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(12))
    waits_for: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[str | None] = mapped_column(Text)
    # A person has looked at it: signs of spam no longer hold it back.
    released: Mapped[bool] = mapped_column(Boolean, server_default="false")
    captured: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # Of what was told, so that the same again is known.
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    # What the ad platform answered when asked for the lead, byte for byte.
    details: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    # How often a worker began to process it, since it last waited for that.
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    contact_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    traceparent: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    backfilled: Mapped[bool] = mapped_column(Boolean, server_default="false")
    # What was noticed of it that holds it back by itself no longer, or never did.
    flag: Mapped[str | None] = mapped_column(String(20))
    # Somebody asks to be contacted; and when the desk was told that they are in quarantine.
    hand_raiser: Mapped[bool] = mapped_column(Boolean, server_default="false")
    alarmed_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    # When it was last taken back. It may have come again since.
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    # When what was told went because its days were over.
    cleared_at: Mapped[datetime | None] = mapped_column(Moment)
