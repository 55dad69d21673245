"""What came in at the doors, and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.marketing.base import Base

Moment = DateTime(timezone=True)
SMALL = 16 * 1024  # bytes; a larger body is read in a process of its own
# Above its form's unusual rate: by itself `burst`; with a sign of spam `flood`, which is read after all else.
BURST, FLOOD = "burst", "flood"
IN_TURN, LAST = "mark IS DISTINCT FROM 'flood'", "mark = 'flood'"
BODY_KEPT = "body IS NOT NULL AND state IN ('read', 'repeat', 'notice')"
CAREFUL = f"state = 'pending' AND (attempts > 0 OR octet_length(body) > {SMALL})"


class Delivery(Base):
    """One request at a door, its body as it came.

    A repeat has no body and names the first; one that came under a known key with another body has both.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "uq_deliveries_source_id_dedupe_key",
            "source_id",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key IS NOT NULL"),
        ),
        # The queue: small however long the history grows.
        Index("ix_deliveries_pending", "id", postgresql_where=text("state = 'pending'")),
        # What is read with care, alone or a few at a time: what failed before, and what is large.
        Index("ix_deliveries_careful", "id", postgresql_where=text(CAREFUL)),
        # Those of a flood are passed over, however many there are, and found when nothing else waits.
        Index("ix_deliveries_in_turn", "id", postgresql_where=text(f"state = 'pending' AND {IN_TURN}")),
        Index("ix_deliveries_last", "id", postgresql_where=text(f"state = 'pending' AND {LAST}")),
        Index("ix_deliveries_unreadable", "id", postgresql_where=text("state = 'unreadable'")),
        Index("ix_deliveries_received_at", "received_at", "id"),
        Index("ix_deliveries_source_id", "source_id", "id"),
        # What is still there of what was read, so that it is found when its days are over.
        Index("ix_deliveries_bodies", "received_at", postgresql_where=text(BODY_KEPT)),
        Index("ix_deliveries_notices", "source_id", "id", postgresql_where=text("state = 'notice'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID]
    dedupe_key: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Of what came, also where it is not kept: tells a repeat from another body under the same key.
    body_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_type: Mapped[str | None] = mapped_column(String(300))
    # The page's origin, or who called the API.
    sender: Mapped[str | None] = mapped_column(String(300))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    traceparent: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment, server_default=text("now()"))
    state: Mapped[str] = mapped_column(String(12), server_default="pending")
    reason: Mapped[str | None] = mapped_column(String(80))
    repeat_of: Mapped[UUID | None]
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    # How often a worker began with it, counted before the work; until when it is that worker's.
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    # What its door noticed of the rate at which its form was sent.
    mark: Mapped[str | None] = mapped_column(String(12))
    # When the body went because its days were over. One that never had any has none either.
    cleared_at: Mapped[datetime | None] = mapped_column(Moment)


class Tally(Base):
    """Counted where a row is made, apart from the rows: what the two capture equations are held against.

    `shard` spreads the counting of several processes over several rows.
    """

    __tablename__ = "tallies"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    door: Mapped[str] = mapped_column(String(20), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer, primary_key=True)
    deliveries: Mapped[int] = mapped_column(BigInteger, server_default="0")
    submissions: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # Of the deliveries, those under a known key with another body.
    changed: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Refusal(Base):
    """How often a door turned somebody away (forged, wrong origin), and nothing else about them."""

    __tablename__ = "refusals"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    door: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, server_default="0")
