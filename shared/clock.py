"""The only place that asks the machine for the time or for a new id. Both are arguments everywhere else."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def now() -> datetime:
    """This machine's time, aware, in UTC. Deadlines and timers use the database's clock instead."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


def new_id(at: datetime | None = None) -> UUID:
    """A UUIDv7: roughly ordered by time, so that indexes grow at one end.

    Where a list is in the order of its ids, say when by the database's clock: one machine whose own is
    ahead would put its rows on top for as long. Within a millisecond any order is as good.
    """
    new: UUID = uuid7(nanoseconds=int(at.timestamp() * 1_000_000) * 1000 if at else None)
    return new
