"""Kafka's topics: made once with their retention, checked by every worker at its start."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from shared.database.safety import UnsafeServerError
from shared.messaging import brokers
from shared.messaging.brokers import Where

PARTITIONS = 12  # fixed for good: a key's partition, and so its order, depends on the number
RETENTION_MS = 14 * 24 * 3600 * 1000
SETTINGS = {
    "retention.ms": str(RETENTION_MS),
    "cleanup.policy": "delete",
    # The broker's clock, not the relay's: it refuses records of a clock an hour ahead, and what is sent
    # again after a month would be thrown away at once.
    "message.timestamp.type": "LogAppendTime",
}


@asynccontextmanager
async def admin(bootstrap: Where, *, patience: float = 10) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client. Waits up to `patience` seconds for a broker, then raises KafkaError."""
    deadline = time.monotonic() + patience
    while True:
        client = AIOKafkaAdminClient(**brokers.arguments(bootstrap), request_timeout_ms=20_000)
        try:
            await client.start()
            break
        except (KafkaError, OSError) as error:
            await client.close()
            if time.monotonic() > deadline:
                said = await brokers.reason(bootstrap)
                raise (KafkaConnectionError(said) if said else error) from error
            await asyncio.sleep(0.5)
    try:
        yield client
    finally:
        await asyncio.wait_for(client.close(), 5)


async def create(
    bootstrap: Where, names: Sequence[str], *, replication: int = 1, patience: float = 60
) -> list[str]:
    """Make those of these topics that are missing; returns their names. Raises KafkaError when refused."""
    wanted = [NewTopic(name, PARTITIONS, replication, topic_configs=SETTINGS) for name in names]
    async with admin(bootstrap, patience=patience) as client:
        existing = set(await client.list_topics())
        missing = [topic for topic in wanted if topic.name not in existing]
        if missing:
            answer = await client.create_topics(missing)
            for name, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(f"{name}: {answer}")
    return [topic.name for topic in missing]


async def check(bootstrap: Where, topics: Sequence[str], *, prefix: str = "") -> None:
    """Refuse a broker whose settings break a promise. Raises UnsafeServerError naming the setting."""
    async with admin(bootstrap) as client:
        described = await client.describe_topics([prefix + name for name in topics]) if topics else []
        broker_ids = [broker.nodeId for broker in client._client.cluster.brokers()]
        broker = await _configuration(client, ConfigResourceType.BROKER, str(broker_ids[0]))
        kept = await _configuration(client, ConfigResourceType.TOPIC, prefix + topics[0]) if topics else {}
    found = {item["topic"]: item for item in described}
    for name in topics:
        partitions = len(found.get(prefix + name, {}).get("partitions", []))
        if partitions != PARTITIONS:
            raise UnsafeServerError(
                f"Topic {prefix + name} has {partitions} partitions and needs {PARTITIONS}: "
                "run `leadloop topics`."
            )
    for setting, value in {
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
    }.items():
        if broker.get(setting, value) != value:
            raise UnsafeServerError(f"Kafka runs with {setting}={broker[setting]}; set {setting}={value}.")
    if kept.get("cleanup.policy", "delete") != "delete":
        raise UnsafeServerError(f"Topic {prefix + topics[0]} is compacted: it would forget events.")
    if len(broker_ids) > 1 and int(kept.get("min.insync.replicas", 1)) < 2:
        raise UnsafeServerError("Kafka has several brokers but min.insync.replicas=1; set it to 2.")


async def lags(bootstrap: Where, groups: Sequence[str], *, patience: float = 5) -> dict[str, int] | None:
    """Records behind the end of their partitions, per consumer group; None when no broker answers in time."""
    reader = AIOKafkaConsumer(**brokers.arguments(bootstrap), request_timeout_ms=5000)
    try:
        async with asyncio.timeout(patience), admin(bootstrap, patience=0) as client:
            await reader.start()
            return {group: await _lag(client, reader, group) for group in groups}
    except (OSError, TimeoutError, KafkaError):
        return None
    finally:
        await reader.stop()


async def _lag(client: AIOKafkaAdminClient, reader: AIOKafkaConsumer, group: str) -> int:
    read = await client.list_consumer_group_offsets(group)
    partitions: list[TopicPartition] = list(read)
    if not partitions:
        return 0
    ends = await reader.end_offsets(partitions)
    return sum(max(0, ends[partition] - max(0, read[partition].offset)) for partition in partitions)


async def rewind(bootstrap: Where, groups: Sequence[str]) -> None:
    """Let groups begin anew on partitions that end before what they committed: those were made anew.

    Nobody of the group may be running. Without this a reader would skip what is filled in below its offset.
    """
    async with admin(bootstrap) as client:
        for group in groups:
            read = await client.list_consumer_group_offsets(group)
            reader = AIOKafkaConsumer(
                **brokers.arguments(bootstrap), group_id=group, enable_auto_commit=False
            )
            reader.assign(list(read))
            await reader.start()
            try:
                ends = await reader.end_offsets(list(read)) if read else {}
                stale = {place: 0 for place, end in ends.items() if read[place].offset > end}
                if stale:
                    await reader.commit(stale)
            finally:
                await reader.stop()


async def _configuration(client: AIOKafkaAdminClient, kind: Any, name: str) -> dict[str, str]:
    answers = await client.describe_configs([ConfigResource(kind, name)])
    return {
        entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]
    }
