"""Reads a service's topics from Kafka and hands batches to the delivery: a topic's partitions together,
for a transaction costs as much as ten events; each alone when that fails, so that one holds up no other.

The database decides what was handled; Kafka's committed offsets only say where to begin
reading again, so they are committed a little later and their loss costs repeats, not events.
"""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from structlog import get_logger

from shared.database.failures import is_transient
from shared.events.envelope import Envelope
from shared.messaging import brokers, cloudevents
from shared.messaging.cloudevents import Unreadable
from shared.messaging.delivery import Delivery, TooManyParkedError
from shared.messaging.offsets import Offsets
from shared.messaging.pacing import Pace
from shared.observability import metrics

BATCH = 500
TRIES_BEFORE_SINGLES = 3
GUARD_PAUSE = 30.0
STUCK_AFTER = 90.0  # seconds without a sign of life

Batches = dict[TopicPartition, Sequence[Envelope | Unreadable]]

log = get_logger()


class Consumer:
    """One member of the service's consumer group. `run` ends when asked to stop, or raises when broken."""

    def __init__(
        self,
        delivery: Delivery,
        topics: Sequence[str],
        *,
        bootstrap: brokers.Where,
        group: str,
        prefix: str = "",
        session_seconds: float = 10,
        after_batch: Callable[[], None] | None = None,
    ) -> None:
        self._delivery = delivery
        self._topics = [prefix + topic for topic in sorted(topics)]
        self._bootstrap = bootstrap
        self._group = prefix + group
        self._prefix = prefix
        self._session_ms = int(session_seconds * 1000)
        self._after_batch = after_batch or (lambda: None)
        self._client: AIOKafkaConsumer | None = None
        self._offsets = Offsets()
        self._halted: dict[TopicPartition, float] = {}
        self._next: dict[TopicPartition, int] = {}
        self.alive_at, self.joined = time.monotonic(), False

    async def run(self, stopping: asyncio.Event) -> None:
        """Join the group, handle batches until asked to stop, commit and leave."""
        client = self._client = AIOKafkaConsumer(
            **brokers.arguments(self._bootstrap),
            group_id=self._group,
            client_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._session_ms,
            heartbeat_interval_ms=min(1_000, self._session_ms // 3),
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=3_600_000,
            max_poll_records=BATCH,
            fetch_max_bytes=8 << 20,
            fetch_max_wait_ms=50,
            retry_backoff_ms=100,
            partition_assignment_strategy=(StickyPartitionAssignor,),
        )
        client.subscribe(self._topics, listener=_Rebalance(self))
        committing: asyncio.Task[None] | None = None
        try:
            await client.start()
            self.joined = True
            committing = asyncio.create_task(self._offsets.keep_committing(client))
            pace = Pace()
            while not stopping.is_set():
                self.alive_at = time.monotonic()
                turn = self._offsets.turn
                batches = self._by_topic(await self._read(client, pace))
                self._next.update({at: read[0].offset for one in batches for at, read in one.items()})
                for batch in batches:
                    handled = await self._handle(client, batch, stopping)
                    self._next.update(handled)
                    self._offsets.note(handled, turn=turn)
                self._resume_halted(client)
        finally:
            self.joined = False
            if committing is not None:
                committing.cancel()
            await self._offsets.commit(client)
            with contextlib.suppress(KafkaError, OSError, TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(client.stop(), 5)

    async def _read(self, client: AIOKafkaConsumer, pace: Pace) -> dict[TopicPartition, list[Any]]:
        """What is there, together with what comes while this round waits for its turn."""
        read: dict[TopicPartition, list[Any]] = await client.getmany(timeout_ms=200, max_records=BATCH)
        count = sum(map(len, read.values()))
        if 0 < count < BATCH:
            await pace.next_round(of=count)
            for partition, more in (await client.getmany(timeout_ms=0, max_records=BATCH - count)).items():
                read.setdefault(partition, []).extend(more)
        return read

    def _by_topic(self, read: Mapping[TopicPartition, Sequence[Any]]) -> list[Batches]:
        """What was read, decoded, and taken together by topic."""
        found: defaultdict[str, Batches] = defaultdict(dict)
        for partition, records in read.items():
            decoded = [cloudevents.decode(record, prefix=self._prefix) for record in records]
            found[partition.topic][partition] = decoded
        return list(found.values())

    async def _handle(
        self, client: AIOKafkaConsumer, batches: Batches, stopping: asyncio.Event
    ) -> dict[TopicPartition, int]:
        """Handle a topic's batches; where each partition that was handled goes on."""
        after = {partition: batch[-1].offset + 1 for partition, batch in batches.items()}
        if len(batches) > 1 and await self._handle_together(client, batches, stopping):
            return after
        return {
            partition: after[partition]
            for partition, batch in batches.items()
            if await self._handle_alone(client, partition, batch, stopping)
        }

    async def _handle_together(
        self, client: AIOKafkaConsumer, batches: Batches, stopping: asyncio.Event
    ) -> bool:
        """Whether one transaction did it all. Why not is for each partition to find out by itself."""
        if stopping.is_set() or not batches.keys() <= client.assignment():
            return False
        self.alive_at = time.monotonic()
        try:
            await self._apply([event for batch in batches.values() for event in batch], one_by_one=False)
        except Exception as error:  # noqa: BLE001 - the one it belongs to meets it again, and says so
            log.info("batches_taken_apart", count=len(batches), error_type=type(error).__name__)
            return False
        self._after_batch()
        return True

    async def _handle_alone(
        self,
        client: AIOKafkaConsumer,
        partition: TopicPartition,
        batch: Sequence[Envelope | Unreadable],
        stopping: asyncio.Event,
    ) -> bool:
        """Whether the batch was handled: not when the partition left us, was stopped, or we are to stop."""
        failures = transient = 0
        while partition in client.assignment() and not stopping.is_set():
            self.alive_at = time.monotonic()
            try:
                await self._apply(batch, one_by_one=failures >= TRIES_BEFORE_SINGLES)
            except TooManyParkedError:
                self._halt(client, partition, batch[0].offset)
                return False
            except Exception as error:
                metrics.batch_retries.labels(batch[0].topic).inc()
                transient = transient + 1 if is_transient(error) else 0
                failures += not transient
                log.warning(
                    "batch_failed",
                    topic=batch[0].topic,
                    partition=partition.partition,
                    offset=batch[0].offset,
                    attempt=failures + transient,
                    exc_info=error,
                )
                # In place and in order: nothing behind this batch may overtake it.
                delay = min(0.1 * 2 ** min(failures + transient, 7), 10) * random.uniform(0.5, 1)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), delay)
                continue
            self._after_batch()
            return True
        return False

    async def _apply(self, batch: Sequence[Envelope | Unreadable], *, one_by_one: bool) -> None:
        result = await self._delivery.apply(batch, one_by_one=one_by_one)
        topic = batch[0].topic
        metrics.events_handled.labels(topic).inc(result.handled)
        metrics.events_repeated.labels(topic).inc(result.repeated)
        for reason, count in result.reasons.items():
            metrics.events_parked.labels(reason).inc(count)
            log.error("events_parked", topic=topic, reason=reason, count=count)

    def _halt(self, client: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> None:
        """Too many events would be parked: stop this partition here and try again later."""
        log.error("partition_stopped", topic=partition.topic, partition=partition.partition, offset=offset)
        client.seek(partition, offset)
        client.pause(partition)
        self._halted[partition] = time.monotonic()
        metrics.stopped_partitions.set(len(self._halted))

    def _resume_halted(self, client: AIOKafkaConsumer) -> None:
        for partition, since in list(self._halted.items()):
            if time.monotonic() - since > GUARD_PAUSE:
                del self._halted[partition]
                with contextlib.suppress(IllegalStateError):
                    client.resume(partition)
        metrics.stopped_partitions.set(len(self._halted))

    @property
    def halted(self) -> list[str]:
        """The partitions the guard has stopped, as `topic/partition`."""
        return [f"{partition.topic}/{partition.partition}" for partition in self._halted]

    @property
    def lag(self) -> dict[str, int]:
        """Records of our partitions not handled yet, by topic, as far as Kafka has told."""
        found = dict.fromkeys(self._topics, 0)
        if (client := self._client) is not None and self.joined:
            for partition in self._next.keys() & client.assignment():
                found[partition.topic] += max(0, (client.highwater(partition) or 0) - self._next[partition])
        return {topic.removeprefix(self._prefix): count for topic, count in found.items()}

    async def revoked(self, partitions: set[TopicPartition]) -> None:
        if self._client is not None:
            await self._offsets.leave(self._client, partitions)
        for partition in partitions:
            self._halted.pop(partition, None)
            self._next.pop(partition, None)


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Commits what was handled before a partition leaves. aiokafka swallows what is raised here."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._consumer.revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        log.info("partitions_assigned", count=len(assigned))
