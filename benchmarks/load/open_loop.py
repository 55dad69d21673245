"""Forms sent at fixed times, whatever became of the ones before, until their leads are assigned.

A late answer delays no later form, and each is timed from when it was due: no coordinated omission.
`python -m benchmarks.load.open_loop PORT PATH KAFKA TOPIC RATE SECONDS RUN`; figures are printed as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.figures import percentile
from benchmarks.load.connection import Connection
from benchmarks.samples import Request, traceparent

WARM_UP = 5.0
PATIENCE = 15.0  # seconds after the last form in which its lead may still be assigned
MOST_CONNECTIONS = 200


class OpenLoop:
    """Sends by the clock over as many connections as it takes; reads the topic where leads come out."""

    def __init__(self, request: Request, port: int, run: int) -> None:
        self._request, self._port, self._run = request, port, run
        self._free: list[Connection] = []
        self._made = 0
        self._statuses: Counter[int] = Counter()
        self._due: dict[int, float] = {}
        self.accepted: dict[int, float] = {}
        self.assigned: dict[int, float] = {}

    async def send_all(self, rate: float, seconds: float) -> None:
        """Send `rate` forms a second for this long, evenly spaced."""
        began = time.perf_counter() + 0.1
        for number in range(int(rate * seconds)):
            due = began + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self._due[number] = due
            connection = self._take() or await self._connect()
            person = self._run * 1_000_000 + number
            connection.send(number, self._request.for_person(person, traceparent(self._run, number)), due)

    def _take(self) -> Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.is_open:
                return connection
        return None

    async def _connect(self) -> Connection:
        self._made += 1
        if self._made > MOST_CONNECTIONS:
            raise RuntimeError(
                f"{MOST_CONNECTIONS} forms are waiting for an answer: the door does not keep up."
            )
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", self._port))[1]

    def _answered(self, connection: Connection, status: int) -> None:
        self._statuses[status] += 1
        self.accepted[connection.number] = time.perf_counter() - connection.sent_at
        connection.number = -1
        if connection.is_open:
            self._free.append(connection)

    async def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Note when each of our leads comes out of the last topic."""
        prefix = b"00-%016x" % self._run
        async for record in consumer:
            moment = time.perf_counter()
            trace = dict(record.headers).get("ce_traceparent", b"")
            if trace.startswith(prefix):
                number = int(trace[19:35], 16) - 1
                self.assigned.setdefault(number, moment - self._due[number])

    def figures(self, rate: float) -> dict[str, Any]:
        """Percentiles over the forms due after the warm-up. A lead that never came out counts as lost."""
        counted = range(int(rate * WARM_UP), len(self._due))
        accepted = sorted(self.accepted[number] for number in counted if number in self.accepted)
        assigned = sorted(self.assigned[number] for number in counted if number in self.assigned)
        failed = sum(count for status, count in self._statuses.items() if not 200 <= status < 300)
        return {
            "leads": len(counted),
            "lost": len(counted) - len(assigned),
            "failed": failed,
            "accepted_p50_ms": percentile(accepted, 50) * 1000,
            "accepted_p99_ms": percentile(accepted, 99) * 1000,
            "assigned_p50_ms": percentile(assigned, 50) * 1000,
            "assigned_p99_ms": percentile(assigned, 99) * 1000,
            "assigned_max_ms": assigned[-1] * 1000,
        }


async def run(port: int, path: str, kafka: str, topic: str, rate: float, seconds: float, number: int) -> Any:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka, auto_offset_reset="latest", fetch_max_wait_ms=20
    )
    await consumer.start()
    await consumer.seek_to_end()
    for partition in consumer.assignment():
        await consumer.position(partition)
    load = OpenLoop(Request(path, port), port, number)
    watching = asyncio.create_task(load.watch(consumer))
    await load.send_all(rate, WARM_UP + seconds)
    given_up = time.perf_counter() + PATIENCE
    while len(load.assigned) < int(rate * (WARM_UP + seconds)) and time.perf_counter() < given_up:  # noqa: ASYNC110 - a deadline
        await asyncio.sleep(0.05)
    watching.cancel()
    await consumer.stop()
    return load.figures(rate)


def main() -> None:
    port, path, kafka, topic, rate, seconds, number = sys.argv[1:]
    found = uvloop.run(run(int(port), path, kafka, topic, float(rate), float(seconds), int(number)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
