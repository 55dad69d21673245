"""N connections, each sending the next form as soon as the last was answered.

`python -m benchmarks.load.closed_loop PORT PATH CONNECTIONS SECONDS FIRST`; the figures are printed as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import uvloop

from benchmarks.figures import percentile
from benchmarks.load.connection import Connection
from benchmarks.samples import Request

WARM_UP = 1.0


class ClosedLoop:
    """Counts and times what is answered between the end of the warm-up and the deadline."""

    def __init__(self, request: Request, first: int) -> None:
        self._request = request
        self._next = first
        self._counts_from = self._ends_at = 0.0
        self._took: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._open = 0
        self._over = asyncio.Event()

    async def run(self, port: int, connections: int, seconds: float) -> dict[str, float]:
        loop = asyncio.get_running_loop()
        made = []
        for _ in range(connections):
            made.append(
                (await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", port))[1]
            )
        self._open = connections
        self._counts_from = time.perf_counter() + WARM_UP
        self._ends_at = self._counts_from + seconds
        for connection in made:
            self._send(connection, time.perf_counter())
        await asyncio.wait_for(self._over.wait(), WARM_UP + seconds + 30)
        for connection in made:
            connection.close()
        ordered = sorted(self._took)
        return {
            "answered": len(ordered),
            "per_second": len(ordered) / seconds,
            "p50_ms": percentile(ordered, 50) * 1000,
            "p99_ms": percentile(ordered, 99) * 1000,
            "failed": sum(count for status, count in self._statuses.items() if not 200 <= status < 300),
        }

    def _send(self, connection: Connection, moment: float) -> None:
        connection.send(self._next, self._request.for_person(self._next), moment)
        self._next += 1

    def _answered(self, connection: Connection, status: int) -> None:
        moment = time.perf_counter()
        if self._counts_from <= moment < self._ends_at:
            self._took.append(moment - connection.sent_at)
            self._statuses[status] += 1
        if moment < self._ends_at and connection.is_open:
            self._send(connection, moment)
            return
        connection.number = -1
        self._open -= 1
        if not self._open:
            self._over.set()


def main() -> None:
    port, path, connections, seconds, first = sys.argv[1:]
    loop = ClosedLoop(Request(path, int(port)), int(first))
    print(json.dumps(uvloop.run(loop.run(int(port), int(connections), float(seconds)))))


if __name__ == "__main__":
    main()
