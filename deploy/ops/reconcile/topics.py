"""The topics as they are: offsets, and the ids of all events on them, read by a consumer of our own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, NodeNotReadyError

from deploy.ops.addresses import Addresses
from deploy.ops.reconcile.equations.events import listened_topics
from deploy.ops.reconcile.servers import UnreachableError
from services.topics import topic_names
from shared.messaging import brokers, topics

Offsets = Mapping[Any, int]  # by partition
MOST_RECORDS = 20_000
PATIENCE = 15.0
T = TypeVar("T")


class Reader(Protocol):
    """Takes what is read of the topics."""

    def add_records(self, records: Sequence[Any], end: int) -> int:
        """Records of one partition before this offset. Returns how many of them carry no id."""


class TopicLog:
    """The topics of one product, open for reading. No group: nothing is committed, nobody is disturbed."""

    def __init__(self, client: AIOKafkaConsumer, admin: AIOKafkaAdminClient, addresses: Addresses) -> None:
        self._client = client
        self._admin = admin
        self._addresses = addresses
        self.missing: list[str] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls, addresses: Addresses) -> "AsyncIterator[TopicLog | None]":
        """None when there is no Kafka to look at. Raises UnreachableError."""
        if addresses.kafka is None:
            yield None
            return
        client = AIOKafkaConsumer(
            **brokers.arguments(addresses.kafka),
            client_id="leadloop-reconcile",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_bytes=16 << 20,
            max_partition_fetch_bytes=4 << 20,
            request_timeout_ms=20_000,
        )
        try:
            async with asyncio.timeout(10):
                await client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await _stopped(client)
            raise _away(addresses, await brokers.reason(addresses.kafka) or error) from error
        try:
            async with topics.admin(addresses.kafka, patience=5) as admin:
                yield cls(client, admin, addresses)
        except KafkaError as error:
            raise _away(addresses, error) from error
        finally:
            await _stopped(client)

    async def ends(self) -> Offsets:
        """Where each partition ends now. A topic that does not exist has none, and is noted as missing."""
        names = [self._addresses.prefix + name for name in topic_names()]
        described = await _patiently(partial(self._admin.describe_topics, names))
        there = {item["topic"]: item["partitions"] for item in described if not item["error_code"]}
        self.missing = [name for name in names if name not in there]
        partitions = [
            TopicPartition(name, partition["partition"])
            for name, several in there.items()
            for partition in several
        ]
        ends: Offsets = await self._client.end_offsets(partitions) if partitions else {}
        return ends

    async def committed(self, service: str) -> Offsets:
        """How far this service's consumers say they are; partitions they never read are left out."""
        group = self._addresses.prefix + service
        found = await _patiently(partial(self._admin.list_consumer_group_offsets, group))
        return {place: max(0, read.offset) for place, read in found.items()}

    async def lag(self, service: str, ends: Offsets) -> int:
        """How many records before `ends` this service has not said it has read, of what it listens to."""
        committed = await self.committed(service)
        heard = {self._addresses.prefix + name for name in listened_topics(service)}
        return sum(
            max(0, end - committed.get(place, 0)) for place, end in ends.items() if place.topic in heard
        )

    async def read(self, ends: Offsets, into: "Reader", *, on_read: Any) -> tuple[int, int]:
        """Let `into` take all events before `ends`. Returns how many records, and how many
        of them carry no id.
        """
        partitions = [place for place, end in ends.items() if end]
        self._client.assign(partitions)
        left = set()
        for place, start in (await self._client.beginning_offsets(partitions)).items() if partitions else ():
            if start < ends[place]:
                left.add(place)
                self._client.seek(place, start)
        records = nameless = 0
        while left:
            batches = await self._client.getmany(*left, timeout_ms=1000, max_records=MOST_RECORDS)
            for place, batch in batches.items():
                nameless += into.add_records(batch, ends[place])
                records += len(batch)
                if batch[-1].offset + 1 >= ends[place]:
                    left.discard(place)
            # A batch of markers or a truncated tail shows as a position without a record.
            for place in [place for place in left if place not in batches]:
                if await self._client.position(place) >= ends[place]:
                    left.discard(place)
            on_read(records)
        return records, nameless


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What a busy broker answers when it is asked again.

    The first to ask for a group has it make a topic for that; and a client that is learning anew which
    brokers there are knows none for a moment.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await ask()
        except (GroupCoordinatorNotAvailableError, NodeNotReadyError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)


async def _stopped(client: AIOKafkaConsumer) -> None:
    try:
        await asyncio.wait_for(client.stop(), 5)
    except (KafkaError, OSError, TimeoutError):
        return


def _away(addresses: Addresses, error: BaseException | str) -> UnreachableError:
    said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return UnreachableError(f"Kafka at {addresses.kafka} could not be read ({said})")
