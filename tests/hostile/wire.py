"""Hostile clients on raw sockets while a healthy one goes on: slow ones, floods, bombs, smuggled requests.

The healthy client sends leads to the form's door and reads; as long as the attack lasts it gets 2xx only.
"""

import asyncio
import contextlib
import gzip
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.hostile.corpus import FLOODS, SMUGGLED
from tests.hostile.figures import Figures
from tests.support.loop import Loop

SLOW_CLIENTS = 300
LONGEST_HOLD = 15.0  # seconds; the deadline is 10, the rest is a busy machine's
PROBE = b"/v1/forms"


@dataclass(slots=True)
class Healthy:
    """What a well-behaved client sees meanwhile."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0

    def faults(self) -> list[str]:
        bad = [
            f"{count} answers {status}" for status, count in self.statuses.items() if not 200 <= status < 300
        ]
        found = [*bad, *self.errors[:5]]
        if not self.statuses:
            found.append("got no answer at all")
        return [f"the healthy client: {fault}" for fault in found]


async def form_key(loop: Loop) -> str:
    made = await loop.call("POST", "marketing", "/v1/forms", {"name": "Besieged"})
    return str(made["key"])


@asynccontextmanager
async def healthy(loop: Loop, key: str) -> AsyncIterator[Healthy]:
    """A client that sends a lead and asks for health, over and over, until the attack is over."""
    seen, over = Healthy(), asyncio.Event()

    async def go_on() -> None:
        async with httpx.AsyncClient(base_url=loop.url("marketing"), timeout=10) as client:
            number = 0
            while not over.is_set():
                number += 1
                began = time.monotonic()
                try:
                    answer = await client.post(
                        f"/v1/forms/{key}/submissions", json={"email": f"well{number}@besieged-gmbh.com"}
                    )
                    seen.statuses[answer.status_code] += 1
                    seen.seconds.append(time.monotonic() - began)
                    seen.statuses[(await client.get("/livez")).status_code] += 1
                except httpx.HTTPError as error:
                    seen.errors.append(type(error).__name__)
                await asyncio.sleep(0.02)

    going = asyncio.create_task(go_on())
    try:
        yield seen
    finally:
        over.set()
        await going


async def exchange(port: int, raw: bytes, *, seconds: float = LONGEST_HOLD) -> bytes:
    """Send bytes, and everything that comes back until the server closes or says no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = b""
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(raw)
            await asyncio.wait_for(writer.drain(), seconds)
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(seconds):
                while part := await reader.read(65536):
                    found += part
        return found
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 2)


def statuses_in(raw: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]


# ---- attacks ----------------------------------------------------------------------------------------


async def drip(port: int, key: str) -> float:
    """One byte a second of a request that never ends; how long the server bears it."""
    head = f"POST /v1/forms/{key}/submissions HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    closed = asyncio.create_task(reader.read())
    try:
        for byte in head[:40] + b"x" * 40:
            with contextlib.suppress(ConnectionError):
                writer.write(bytes([byte]))
                await writer.drain()
            await asyncio.wait([closed], timeout=1)
            if closed.done():
                break
        return time.monotonic() - began
    finally:
        closed.cancel()
        await asyncio.gather(closed, return_exceptions=True)
        writer.transport.abort()


async def slow(loop: Loop, key: str) -> Figures:
    found = Figures("Slow clients", f"{SLOW_CLIENTS} connections of one byte a second; each is ended.")
    port = loop.ports["marketing-api"]
    async with healthy(loop, key) as seen:
        held = await asyncio.gather(*(drip(port, key) for _ in range(SLOW_CLIENTS)))
    _note(found, seen, connections=SLOW_CLIENTS, longest_hold_seconds=round(max(held), 1))
    if max(held) > LONGEST_HOLD:
        found.faults.append(f"a connection was held for {max(held):.0f} s")
    return found


async def floods(loop: Loop, key: str, *, rounds: int) -> Figures:
    """Headers without end, in number and in size; bodies that are larger than they say or than allowed."""
    found = Figures("Floods", "Headers and bodies without end are refused, and cost the others nothing.")
    port = loop.ports["marketing-api"]
    given: Counter[str] = Counter()
    async with healthy(loop, key) as seen:
        for _ in range(rounds):
            for name, raw, wanted in FLOODS(key.encode()):
                statuses = statuses_in(await exchange(port, raw))
                given[name] += 1
                if any(status not in wanted for status in statuses):
                    found.faults.append(f"{name}: answered {statuses}, not one of {sorted(wanted)}")
    _note(found, seen, floods=given.total())
    return found


async def bombs(loop: Loop, key: str, *, number: int) -> Figures:
    """Gzip bombs: nothing is unpacked, so nothing blows up. The process's memory is looked at."""
    found = Figures("Gzip bombs", "Compressed bodies are refused unread; memory stays where it was.")
    bomb = gzip.compress(b"0" * (32 << 20))
    before = resident(loop)
    async with healthy(loop, key) as seen, httpx.AsyncClient(base_url=loop.url("marketing")) as client:
        for _ in range(number):
            answer = await client.post(
                f"/v1/forms/{key}/submissions",
                content=bomb,
                headers={"content-encoding": "gzip", "content-type": "application/json"},
            )
            if answer.status_code != 415:
                found.faults.append(f"a bomb was answered {answer.status_code}, not 415")
    grown = (resident(loop) - before) / (1 << 20)
    _note(found, seen, bombs=number, unpacked_megabytes=32 * number, memory_grown_megabytes=round(grown, 1))
    if grown > 64:
        found.faults.append(f"the process grew by {grown:.0f} MB")
    return found


async def smuggled(loop: Loop, key: str) -> Figures:
    """Requests two parsers read differently: one refusal each, and what was hidden in it never answered."""
    found = Figures("Smuggled requests", "What two parsers could read differently gets one refusal.")
    port = loop.ports["marketing-api"]
    async with healthy(loop, key) as seen:
        for raw in SMUGGLED(key.encode()):
            answer = await exchange(port, raw)
            statuses = statuses_in(answer)
            if statuses != [400]:
                found.faults.append(f"{raw[:90]!r}…: answered {statuses}, not [400]")
    _note(found, seen, requests=len(SMUGGLED(key.encode())))
    return found


def _note(found: Figures, seen: Healthy, **counts: int | float) -> None:
    found.counts = {name.replace("_", " "): value for name, value in counts.items()}
    found.counts["healthy answers meanwhile"] = seen.statuses.total()
    found.counts["of them not 2xx"] = sum(n for status, n in seen.statuses.items() if not 200 <= status < 300)
    found.counts["healthy p50, ms"] = round(seen.percentile(0.5), 1)
    found.counts["healthy p99, ms"] = round(seen.percentile(0.99), 1)
    found.faults += seen.faults()


def resident(loop: Loop) -> int:
    """The memory of marketing's API, in bytes."""
    import psutil  # noqa: PLC0415

    return int(psutil.Process(loop.running["marketing-api"].pid).memory_info().rss)


async def attack(loop: Loop, *, long: bool, tick: Callable[[str], None] = lambda _: None) -> list[Figures]:
    key = await form_key(loop)
    steps: dict[str, Callable[[], Awaitable[Figures]]] = {
        "slow clients": lambda: slow(loop, key),
        "floods": lambda: floods(loop, key, rounds=20 if long else 2),
        "gzip bombs": lambda: bombs(loop, key, number=200 if long else 20),
        "smuggled requests": lambda: smuggled(loop, key),
    }
    found = []
    for name, step in steps.items():
        tick(name)
        found.append(await step())
    return found
