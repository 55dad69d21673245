"""Sends outbox rows to Kafka: one record batch per partition and round, which the broker appends whole."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError, KafkaError

from shared.messaging import brokers, cloudevents
from shared.messaging.brokers import Where
from shared.messaging.partitioning import partition_of

LARGEST_BATCH = 900_000  # bytes; aiokafka's default of 16 KiB holds a few dozen events only
Partition = tuple[str, int]
BrokerError = KafkaError  # so that nothing else has to know the client library


@dataclass(slots=True)
class Sent:
    """What became of one round. Rows in neither list simply wait for the next round."""

    acknowledged: list[int] = field(default_factory=list)
    failed: dict[Partition, BaseException] = field(default_factory=dict)
    oversize: list[int] = field(default_factory=list)
    first_row: dict[Partition, int] = field(default_factory=dict)


class Producer:
    """An idempotent producer that is thrown away after any failure.

    aiokafka does not roll back sequence numbers of a failed batch (aio-libs/aiokafka#1017),
    so nothing but a new producer id is safe then.
    """

    def __init__(self, bootstrap: Where, *, prefix: str = "", application: str = "leadloop") -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._application = application
        self._client: AIOKafkaProducer | None = None

    async def open(self) -> None:
        """Connect. Raises KafkaError or OSError when no broker answers."""
        client = AIOKafkaProducer(
            **brokers.arguments(self._bootstrap),
            client_id=self._application,
            enable_idempotence=True,
            acks="all",
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_BATCH + 100_000,
            linger_ms=0,
            request_timeout_ms=20_000,
            retry_backoff_ms=100,
        )
        try:
            await client.start()
        except BaseException:
            await _stop(client)
            raise
        self._client = client

    async def close(self) -> None:
        """Let go of the client. Bounded: `stop()` waits for ever when the broker is down (#1101)."""
        client, self._client = self._client, None
        if client is not None:
            await _stop(client)

    async def send(self, rows: Sequence[Any], *, at_most: Counter[Partition]) -> Sent:
        """Send rows, which are in id order, and wait for the broker's answers.

        `at_most` limits how many rows of a partition go into its batch; 0 means no limit.
        A row that doesn't fit holds back the later ones of its partition.
        """
        client = self._client
        if client is None:
            raise RuntimeError("the producer is not open")
        sent = Sent()
        batches: dict[Partition, Any] = {}
        taken: dict[Partition, list[int]] = {}
        full: set[Partition] = set()
        sizes = {topic: await self._size(client, topic) for topic in {row["topic"] for row in rows}}
        for row in rows:
            key = row["key"].encode()
            size = sizes[row["topic"]]
            partition = (self._prefix + row["topic"], partition_of(key, size)) if size else None
            if partition is None or partition in full:
                continue
            if partition not in batches:
                batches[partition], taken[partition] = client.create_batch(), []
            batch, ids = batches[partition], taken[partition]
            added = batch.append(
                key=key, value=row["data"], timestamp=None, headers=cloudevents.headers_of(row)
            )
            if added is None:
                full.add(partition)
                if not ids:
                    sent.oversize.append(row["id"])
                continue
            ids.append(row["id"])
            if at_most[partition] and len(ids) >= at_most[partition]:
                full.add(partition)
        await self._deliver(client, {key: batches[key] for key in taken if taken[key]}, taken, sent)
        return sent

    async def _deliver(
        self,
        client: AIOKafkaProducer,
        batches: dict[Partition, Any],
        taken: dict[Partition, list[int]],
        sent: Sent,
    ) -> None:
        waiting: dict[Partition, Any] = {}
        for (topic, partition), batch in batches.items():
            batch.close()
            try:
                waiting[topic, partition] = await client.send_batch(batch, topic, partition=partition)
            except (KafkaError, OSError) as error:
                sent.failed[topic, partition] = error
        # No timeout here: an idempotent producer asks again until it knows. The watchdog covers a stuck one.
        answers = await asyncio.gather(*waiting.values(), return_exceptions=True)
        for key, answer in zip(waiting, answers, strict=True):
            if isinstance(answer, BaseException):
                sent.failed[key] = answer
            else:
                sent.acknowledged.extend(taken[key])
        for key in sent.failed:
            sent.first_row[key] = taken[key][0]

    async def _size(self, client: AIOKafkaProducer, topic: str) -> int:
        """How many partitions a topic has; 0 while it is unknown."""
        partitions = client.client.cluster.partitions_for_topic(self._prefix + topic)
        if partitions is None:
            with contextlib.suppress(KafkaError, TimeoutError):
                partitions = await asyncio.wait_for(client.partitions_for(self._prefix + topic), 5)
        return len(partitions or ())


async def _stop(client: AIOKafkaProducer) -> None:
    with contextlib.suppress(KafkaError, OSError, TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(client.stop(), 5)


def may_pass(error: BaseException) -> bool:
    """Whether the same row may well be taken later: the broker is away or busy, the row is not to blame.

    Nor is it for a time the broker won't have: that was this machine's clock.
    """
    passing = OSError | TimeoutError | InvalidTimestampError
    return bool(getattr(error, "retriable", False)) or isinstance(error, passing)


async def broker_answers(bootstrap: Where) -> bool:
    """Whether a fresh client gets an answer. Tells a stuck client from a broker that is down."""
    client = AIOKafkaProducer(**brokers.arguments(bootstrap), request_timeout_ms=5_000)
    try:
        await asyncio.wait_for(client.start(), 10)
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await _stop(client)
    return True
