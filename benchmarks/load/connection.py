"""One keep-alive HTTP/1.1 connection, one request at a time: httpx would use up the core being measured."""

import asyncio
import re
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Calls `answered(connection, status)` when an answer is whole, and status 0 when the peer hung up."""

    def __init__(self, answered: Callable[["Connection", int], None]) -> None:
        self._answered = answered
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self.number = -1  # which request is on its way; -1: none
        self.sent_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.number >= 0:
            self._answered(self, 0)

    def send(self, number: int, request: bytes, sent_at: float) -> None:
        assert self._transport is not None
        self.number, self.sent_at = number, sent_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(received, 0, head)
        if length is None or len(received) < head + 4 + int(length[1]):
            return
        self._received = b""
        self._answered(self, int(received[9:12]))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
