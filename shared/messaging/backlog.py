"""What waits in a service's database: how many, and for how long. Counted by partial indexes."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Queue(NamedTuple):
    """Rows that wait for something. `rows` is what follows FROM, `since` the column that says since when."""

    name: str
    about: str
    rows: str
    since: str


class Backlog(NamedTuple):
    """How much of a queue there is."""

    queue: str
    number: int
    oldest_seconds: float | None

    def __str__(self) -> str:
        age = "" if self.oldest_seconds is None else f", oldest {self.oldest_seconds:.0f} s"
        return f"{self.number:,}{age}"


# What every service has.
PLUMBING = (
    Queue("outbox", "events not yet acknowledged by Kafka", "outbox_pending", "created_at"),
    Queue(
        "outbox_refused",
        "events that Kafka would not take",
        "outbox_parked WHERE discarded_at IS NULL",
        "created_at",
    ),
    Queue("parked", "events that could not be handled", "parked_events WHERE state = 'parked'", "parked_at"),
)


def statement(queues: Sequence[Queue]) -> str:
    """One statement, and so one moment, for all of these queues."""
    return " UNION ALL ".join(
        f"SELECT '{queue.name}', count(*), {_age(queue)} FROM {queue.rows}" for queue in queues
    )


def _age(queue: Queue) -> str:
    """Nothing that waits has no age: greatest() alone would pass over the null. A clock may be ahead."""
    age = f"greatest(0, extract(epoch FROM now() - min({queue.since})))"
    return f"CASE WHEN count(*) > 0 THEN {age} END::float8"


async def read(connection: Any, queues: Sequence[Queue]) -> list[Backlog]:
    """How much waits in each of these, by an asyncpg connection."""
    return [Backlog(*row) for row in await connection.fetch(statement(queues))]
