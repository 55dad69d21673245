"""Forms sent at fixed times to one door behind a proxy, by one client or each by another, whatever they hear.

`python -m benchmarks.load.steady PORT PATH RATE SECONDS FIRST one|many`; figures are printed as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

import uvloop

from benchmarks.figures import percentile
from benchmarks.load.connection import Connection
from benchmarks.samples import Request, form_body

WARM_UP = 1.0
PATIENCE = 10.0  # seconds after the last form in which it may still be answered
MOST_CONNECTIONS = 400


class Forwarded(Request):
    """A form post as a proxy of ours passes it on: `many` clients, or always the same one."""

    def __init__(self, path: str, port: int, *, many: bool) -> None:
        super().__init__(path, port)
        self._many = many

    def for_person(self, number: int, traceparent: bytes = b"") -> bytes:
        client = number if self._many else 0
        address = b"x-forwarded-for: 100.%d.%d.%d\r\n" % (client >> 16 & 63, client >> 8 & 255, client & 255)
        return self._head + address + b"\r\n" + form_body(number)


class Steady:
    """Sends by the clock over as many connections as it takes. Each is timed from when it was due."""

    def __init__(self, request: Request, port: int) -> None:
        self._request, self._port = request, port
        self._free: list[Connection] = []
        self._made = 0
        self._statuses: Counter[int] = Counter()
        self._took: list[float] = []
        self._counts_from = 0.0

    async def send_all(self, rate: float, seconds: float, first: int) -> None:
        began = time.perf_counter() + 0.1
        self._counts_from = began + WARM_UP
        count = int(rate * (WARM_UP + seconds))
        for number in range(count):
            due = began + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            connection = self._free.pop() if self._free else await self._connect()
            connection.send(number, self._request.for_person(first + number), due)
        given_up = time.perf_counter() + PATIENCE
        while self._statuses.total() < count and time.perf_counter() < given_up:  # noqa: ASYNC110 - a deadline
            await asyncio.sleep(0.05)

    async def _connect(self) -> Connection:
        self._made += 1
        if self._made > MOST_CONNECTIONS:
            raise RuntimeError(f"{MOST_CONNECTIONS} forms wait for an answer: the door does not keep up.")
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: Connection(self._answered), "127.0.0.1", self._port))[1]

    def _answered(self, connection: Connection, status: int) -> None:
        self._statuses[status] += 1
        if connection.sent_at >= self._counts_from:
            self._took.append(time.perf_counter() - connection.sent_at)
        connection.number = -1
        if connection.is_open:
            self._free.append(connection)

    def figures(self) -> dict[str, Any]:
        ordered = sorted(self._took)
        return {
            "answered": len(ordered),
            "refused": self._statuses[429],
            "failed": sum(count for status, count in self._statuses.items() if status not in (202, 429)),
            "p50_ms": percentile(ordered, 50) * 1000,
            "p99_ms": percentile(ordered, 99) * 1000,
        }


async def run(port: int, path: str, rate: float, seconds: float, first: int, *, many: bool) -> dict[str, Any]:
    load = Steady(Forwarded(path, port, many=many), port)
    await load.send_all(rate, seconds, first)
    return load.figures()


def main() -> None:
    port, path, rate, seconds, first, clients = sys.argv[1:]
    found = run(int(port), path, float(rate), float(seconds), int(first), many=clients == "many")
    print(json.dumps(uvloop.run(found)))


if __name__ == "__main__":
    main()
