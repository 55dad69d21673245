"""A list in the place of Kafka's log, behind the product's own producer: for the state machine only.

Everything up to the bytes of a record batch is the real thing; what the "broker" does with a batch,
and what the producer is told about it, is for the test to say.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

from aiokafka.errors import NotLeaderForPartitionError, PolicyViolationError, RequestTimedOutError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared.messaging.producer import LARGEST_BATCH, Partition, Producer

PARTITIONS = 2  # so that keys share partitions


class Fate(Enum):
    """What becomes of one record batch."""

    ACKNOWLEDGED = "appended, and the producer is told so"
    ANSWER_LOST = "appended, and the producer never hears of it"
    AWAY = "not appended; the broker was not there"


@dataclass(slots=True)
class ListedRecord:
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def event_id(self) -> str:
        return dict(self.headers)["ce_id"].decode()

    @property
    def version(self) -> int:
        return int(dict(self.headers)["ce_sequence"])


@dataclass(slots=True)
class ListedLog:
    """Per topic and partition a list of records. `refused` holds (key, version) the broker will not have."""

    records: defaultdict[Partition, list[ListedRecord]] = field(default_factory=lambda: defaultdict(list))
    refused: set[tuple[str, int]] = field(default_factory=set)

    def take(self, held: "Held", fate: Fate) -> BaseException | None:
        """Let this become of a batch; returns what the producer is told."""
        error: BaseException | None = None
        records = held.records(len(self.records[held.place]))
        if fate is Fate.AWAY:
            error = NotLeaderForPartitionError()
        elif any(((record.key or b"").decode(), record.version) in self.refused for record in records):
            error = PolicyViolationError()
        else:
            self.records[held.place] += records  # whole, as a broker appends a record batch
            if fate is Fate.ANSWER_LOST:
                error = RequestTimedOutError()
        return error


@dataclass(slots=True)
class Held:
    """A batch on its way to the broker."""

    place: Partition
    batch: Any
    answer: asyncio.Future[None]

    def records(self, first: int) -> list[ListedRecord]:
        batch = MemoryRecords(bytes(self.batch._build())).next_batch()
        return [
            ListedRecord(*self.place, first + n, found.timestamp, found.key, found.value, list(found.headers))
            for n, found in enumerate(batch)
        ]


class ListedClient:
    """The few calls that the producer makes of aiokafka's client. Batches are held until they get a fate."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.reached = asyncio.Event()
        self.client = SimpleNamespace(
            cluster=SimpleNamespace(partitions_for_topic=lambda _: set(range(PARTITIONS)))
        )

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(LARGEST_BATCH, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[None]:
        answer = asyncio.get_running_loop().create_future()
        self.held.append(Held((topic, partition), batch, answer))
        self.reached.set()
        return answer

    def hand_over(self) -> list[Held]:
        """The batches of this round, which then get their fates."""
        self.reached.clear()
        held, self.held = self.held, []
        return held

    async def stop(self) -> None:
        """Nothing to close."""


class ListedProducer(Producer):
    """The product's producer over a client that reaches a list."""

    def __init__(self) -> None:
        super().__init__("nowhere")
        self.listed = ListedClient()

    async def open(self) -> None:
        self.listed = ListedClient()
        self._client = self.listed
