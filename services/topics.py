"""Every topic of the product: the published events', those kept free, a dead-letter topic per group."""

from shared.events import handoff, marketing, sales
from shared.events.envelope import all_events
from shared.messaging import topics
from shared.messaging.brokers import Where
from shared.services import SERVICES

CONTRACTS = (marketing, handoff, sales)  # imported, so that each of their events is known
RESERVED = ("marketing.contacts", "sales.activities")  # named in the architecture, not yet spoken on


def topic_names() -> list[str]:
    """Of all of them, in alphabetical order."""
    spoken = {event.topic for event in all_events()}
    return sorted({*spoken, *RESERVED, *(f"dead.{service}" for service in SERVICES)})


async def create_topics(
    bootstrap: Where, prefix: str = "", *, replication: int = 1, patience: float = 60
) -> list[str]:
    """Make those that are missing; returns their names. Raises KafkaError when the broker refuses."""
    names = [prefix + name for name in topic_names()]
    return await topics.create(bootstrap, names, replication=replication, patience=patience)
