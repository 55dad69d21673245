"""Every topic of the product: the published events', those kept free, a dead-letter topic per group."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from shared.events import handoff, marketing, sales
from shared.events.envelope import all_events
from shared.messaging import topics
from shared.messaging.brokers import Where
from shared.services import SERVICES

CONTRACTS = (marketing, handoff, sales)  # imported, so that each of their events is known
RESERVED = ("marketing.contacts",)  # named in the architecture, not yet spoken on


def topic_names() -> list[str]:
    """Of all of them, in alphabetical order."""
    spoken = {event.topic for event in all_events()}
    return sorted({*spoken, *RESERVED, *(f"dead.{service}" for service in SERVICES)})


def written_topics(service: str) -> set[str]:
    """The topics this service's worker sends to: its facts, and what it could not handle."""
    return {event.topic for event in all_events() if event.publisher() == service} | {f"dead.{service}"}


def read_topics(service: str) -> set[str]:
    """The topics this service's worker listens to."""
    heard: set[str] = import_module(f"services.{service}.subscriptions").subscriptions.topics
    return heard


@dataclass(frozen=True, slots=True)
class Permission:
    """What a user of Kafka may do to one thing there, in Kafka's words; names without the prefix."""

    kind: Literal["topic", "group", "cluster"]
    name: str
    operations: Sequence[str]


def permissions_of_worker(service: str) -> list[Permission]:
    """All that a service's worker needs. The APIs do not speak to Kafka."""
    read, written = read_topics(service), written_topics(service)
    return [
        *(Permission("topic", name, ("Write", "Describe")) for name in sorted(written)),
        # The worker looks at its topics' settings before it trusts them.
        *(Permission("topic", name, ("Read", "Describe", "DescribeConfigs")) for name in sorted(read)),
        Permission("group", service, ("Read", "Describe")),
        Permission("cluster", "kafka-cluster", ("DescribeConfigs",)),
    ]


def permissions_of_operator() -> list[Permission]:
    """What `leadloop` needs: making topics, reading all of them, and the groups' places."""
    return [
        *(Permission("topic", name, ("Create", "Read", "Describe")) for name in topic_names()),
        *(Permission("group", service, ("Read", "Describe")) for service in SERVICES),
    ]


async def create_topics(
    bootstrap: Where, prefix: str = "", *, replication: int = 1, patience: float = 60
) -> list[str]:
    """Make those that are missing; returns their names. Raises KafkaError when the broker refuses."""
    names = [prefix + name for name in topic_names()]
    return await topics.create(bootstrap, names, replication=replication, patience=patience)
