"""The only place that asks the machine for the time or for a new id. Both are arguments everywhere else."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def now() -> datetime:
    """This machine's time, aware, in UTC. Deadlines and timers use the database's clock instead."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


def new_id() -> UUID:
    """A UUIDv7: roughly ordered by time, so that indexes grow at one end. Never rely on its order."""
    new: UUID = uuid7()
    return new
