"""The topics of the product. They are made here and nowhere else: auto-creation is off."""

import asyncio
import os

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from shared.events import handoff, marketing, sales
from shared.events.envelope import all_events
from shared.settings import SERVICES

PARTITIONS = 12  # fixed: a key keeps its partition, and so its order, only while their number stays
DAY_MS = 86_400_000
EVENTS_KEPT_MS = 14 * DAY_MS
DEAD_LETTERS_KEPT_MS = 30 * DAY_MS
PUBLISHERS = (marketing, handoff, sales)  # imported so that all_events() knows every event


def wanted(prefix: str = "", *, replicas: int = 1) -> list[NewTopic]:
    """Every topic an event names, and a dead-letter topic for each service that listens."""
    kept = {event.topic: EVENTS_KEPT_MS for event in all_events()}
    kept |= {f"dead.{service}": DEAD_LETTERS_KEPT_MS for service in SERVICES}
    return [
        NewTopic(f"{prefix}{name}", PARTITIONS, replicas, topic_configs={"retention.ms": str(milliseconds)})
        for name, milliseconds in sorted(kept.items())
    ]


async def create(bootstrap: str, prefix: str = "", *, patience: float = 60) -> list[str]:
    """Make the topics that are missing; returns their names. Waits `patience` seconds for a broker."""
    replicas = int(os.environ.get("TOPIC_REPLICAS", "1"))
    client = await _connected(bootstrap, patience)
    try:
        answer = await client.create_topics(wanted(prefix, replicas=replicas), timeout_ms=30_000)
    finally:
        await client.close()
    made = []
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise error(f"topic {name} could not be made")
    return made


async def _connected(bootstrap: str, patience: float) -> AIOKafkaAdminClient:
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="leadloop-topics")
        try:
            await client.start()
        except (KafkaConnectionError, KafkaError):
            await client.close()
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)
        else:
            return client
