"""What an equation is: two sides that list the same entries, each by one query on one database. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

FIRST_UUID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Side:
    """Entries of one database: a query with the text columns `key` and `value`.

    It may name `:since` (a moment), `:first_id` (the least event id that can be as young as that) and
    `:complete` (whether there is no such limit).
    """

    service: str
    name: str  # as people know it: "offers made"
    sql: str


@dataclass(frozen=True, slots=True)
class Way:
    """The events that bring one side to the other: where a difference may be waiting.

    Their key is the first word of the entry's key; `by_id` says that it is the event's id instead.
    """

    publisher: str
    topic: str
    consumer: str
    by_id: bool = False


@dataclass(frozen=True, slots=True)
class Equation:
    """Left and right list the same entries. Without a right side, the left one has to be empty.

    `remedy` is what to do about a difference that waits nowhere; it may name `{service}`, `{topic}`,
    `{key}` (the key's first word) and what the way knows.
    """

    name: str
    claim: str  # the promise, as a sentence
    left: Side
    right: Side | None
    remedy: str
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """How far back events are compared by their ids. None: to the beginning."""

    moment: datetime | None

    def fill(self, sql: str) -> str:
        """The query with its limits put in; they are ours, never a caller's text."""
        moment = self.moment or datetime(1970, 1, 1, tzinfo=UTC)
        # A UUIDv7 begins with its milliseconds. Both sides judge the same id, so no clock can part them.
        first = UUID(int=int(moment.timestamp() * 1000) << 80) if self.moment else FIRST_UUID
        return (
            sql.replace(":since", f"'{moment.isoformat()}'::timestamptz")
            .replace(":first_id", f"'{first}'::uuid")
            .replace(":complete", "false" if self.moment else "true")
        )
