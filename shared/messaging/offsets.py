"""How far a member of a consumer group has come, told to Kafka a little later.

Advisory: the database knows what was handled. A commit that fails changes nothing but how much is read again.
"""

import asyncio
import contextlib
from collections.abc import Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

COMMIT_EVERY = 0.2
COMMIT_WITHIN = 5.0


class Offsets:
    """Where each partition goes on, until that is committed."""

    def __init__(self) -> None:
        self._handled: dict[TopicPartition, int] = {}
        self.turn = 0  # counts the times partitions were taken away

    def note(self, after: Mapping[TopicPartition, int], *, turn: int) -> None:
        """These were handled. What was read in an earlier turn may be another member's by now."""
        if turn == self.turn:
            self._handled.update(after)

    async def commit(self, client: AIOKafkaConsumer, only: Collection[TopicPartition] | None = None) -> None:
        """Tell Kafka, as far as the partitions are still ours."""
        if not _is_member(client):
            return
        ours = client.assignment()
        handled = {
            partition: offset
            for partition, offset in self._handled.items()
            if partition in ours and (only is None or partition in only)
        }
        if not handled:
            return
        with contextlib.suppress(KafkaError, IllegalStateError, TimeoutError, OSError):
            await asyncio.wait_for(client.commit(handled), COMMIT_WITHIN)
            for partition, offset in handled.items():
                if self._handled.get(partition) == offset:
                    del self._handled[partition]

    async def keep_committing(self, client: AIOKafkaConsumer) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            await self.commit(client)

    async def leave(self, client: AIOKafkaConsumer, partitions: Collection[TopicPartition]) -> None:
        """These partitions are taken away: say how far they are, and note nothing more of them."""
        await self.commit(client, only=partitions)
        self.turn += 1
        for partition in partitions:
            self._handled.pop(partition, None)


def _is_member(client: AIOKafkaConsumer) -> bool:
    """Whether the group knows us. One that does not, because its broker came back empty, would take our
    offsets all the same, as a stranger's, and new events below them would never be read."""
    return bool(client._coordinator is not None and client._coordinator.generation > 0)
