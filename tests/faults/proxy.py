"""A TCP proxy that treats connections badly on demand: slow, sliced, silent, reset, cut, an answer lost.

What is set counts for connections that are open and for those to come, until `calm`. Everything random
comes from the `rng` that is passed.
"""

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Self

from deploy.local.servers.ports import HOST

CHUNK = 1 << 16
ENDED = (OSError, asyncio.IncompleteReadError)
# Closing a socket that lingers for no time sends a reset instead of an end.
RESET = struct.pack("ii", 1, 0)
PRODUCE, HEADER = 0, 6  # Kafka's key of a produce request; length and key come first in every request


@dataclass(eq=False)
class Link:
    """One client's connection and its counterpart at the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    sent: "KafkaRequests" = field(default_factory=lambda: KafkaRequests())
    answered: int = 0  # bytes from the server since the last change of conditions
    deaf: bool = False  # bytes were swallowed, so it can never be whole again
    losing: bool = False  # the request went out, and its answer must not come back

    def reset(self) -> None:
        for writer in (self.client, self.server):
            connected = writer.get_extra_info("socket")  # None once the other end has gone
            if connected is not None:
                with contextlib.suppress(OSError):
                    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class KafkaRequests:
    """Finds where requests begin in what a client sends, and what they ask for."""

    def __init__(self) -> None:
        self._left = 0  # bytes of the current request that are still to come
        self._head = b""

    def keys(self, data: bytes) -> list[int]:
        """The API keys of the requests that begin in this piece."""
        found = []
        while data:
            if self._left:
                passed = min(self._left, len(data))
                self._left, data = self._left - passed, data[passed:]
                continue
            needed = HEADER - len(self._head)
            self._head, data = self._head + data[:needed], data[needed:]
            if len(self._head) == HEADER:
                length, key = struct.unpack(">ih", self._head)
                found.append(key)
                self._left, self._head = max(length - 2, 0), b""
        return found


class Proxy:
    """Listens on `port` (0: any) and passes on to `target`. Use it as `async with Proxy(…) as proxy`."""

    def __init__(self, target: int, *, port: int = 0, rng: Random) -> None:
        self.port, self._target, self._rng = port, target, rng
        self._server: asyncio.Server | None = None
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        self.calm()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, HOST, self.port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What can be asked of it.

    def calm(self) -> None:
        """Pass everything on at once; connections that lost bytes meanwhile are reset."""
        self.delay = self.jitter = 0.0
        self.piece = 0
        self.silent = False
        self.cut_after = 0
        self._lose: Callable[[Link, bytes], bool] | None = None
        for link in list(self._links):
            link.answered = 0
            if link.deaf:
                link.reset()

    def slow(self, delay: float, jitter: float = 0.0) -> None:
        """Every piece, either way, takes `delay` ± `jitter` seconds longer."""
        self.delay, self.jitter = delay, jitter

    def slice(self, size: int) -> None:
        """Nothing longer than `size` bytes arrives at a time."""
        self.piece = size

    def silence(self) -> None:
        """Bytes vanish either way, connections stay open, new ones are accepted: a half-open network."""
        self.silent = True

    def cut(self, after: int) -> None:
        """Reset each connection once the server has sent so many bytes more on it."""
        for link in self._links:
            link.answered = 0
        self.cut_after = after

    def reset_all(self) -> int:
        """Reset every connection there is; how many."""
        links = list(self._links)
        for link in links:
            link.reset()
        self.counts["reset"] += len(links)
        return len(links)

    def lose_next_answer(self) -> None:
        """Pass on what a client sends next, and instead of the answer to it send a reset."""
        self._lose = lambda _link, _data: True

    def lose_next_produce_answer(self) -> None:
        """The same for Kafka's next produce request, whoever sends it."""
        self._lose = lambda link, data: PRODUCE in link.sent.keys(data)

    # How it is done.

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            back, forth = await asyncio.open_connection(HOST, self._target, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        self.counts["connections"] += 1
        link = Link(writer, forth)
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, forth, link, from_server=False))
                both.create_task(self._pump(back, writer, link, from_server=True))
        finally:
            self._links.remove(link)
            for end in (writer, forth):
                end.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link, *, from_server: bool
    ) -> None:
        with contextlib.suppress(*ENDED):
            while data := await reader.read(self.piece or CHUNK):
                wait = self.delay + self._rng.uniform(-self.jitter, self.jitter)
                if wait > 0:
                    await asyncio.sleep(wait)
                if writer.is_closing():
                    return
                if self._passes(data, link, from_server=from_server):
                    writer.write(data)
                    await writer.drain()
            if not writer.is_closing() and writer.can_write_eof():
                writer.write_eof()

    def _passes(self, data: bytes, link: Link, *, from_server: bool) -> bool:
        """Whether these bytes go on; the connection may end here."""
        if self.silent:
            link.deaf = True
            self.counts["swallowed"] += len(data)
        elif from_server and link.losing:
            self.counts["answers lost"] += 1
            link.reset()
        elif from_server and self.cut_after and link.answered + len(data) > self.cut_after:
            self.counts["cut"] += 1
            link.reset()
        else:
            link.answered += len(data) * from_server
            if not from_server and self._lose is not None and self._lose(link, data):
                link.losing, self._lose = True, None
            return True
        return False
