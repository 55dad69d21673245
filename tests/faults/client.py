"""HTTP clients that know what they don't know: a request without a whole answer may have had its effect."""

import asyncio
import contextlib
import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import Any

import orjson

from deploy.local.servers.ports import HOST

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
AWAY = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class NothingSentError(Exception):
    """No connection came about, so nothing can have happened."""


class NoAnswerError(Exception):
    """The request was sent and no whole answer came: it may have been done, or not."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Door:
    """Where one service is asked: over kept connections to any of its `ports`, in turn."""

    def __init__(self, *ports: int) -> None:
        self.ports = list(ports)
        self._kept: defaultdict[int, deque[Connection]] = defaultdict(deque)
        self._turn = 0
        self.cut_at: Counter[int] = Counter()  # by port, requests without a whole answer
        self.asked = 0

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: str = "", seconds: float = 15
    ) -> Reply:
        """One request. Raises NothingSentError or NoAnswerError."""
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        # A form in a flood's hour takes a sender without a browser's name for spam.
        head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: faults/1\r\n"
        head += f"{headers}content-length: {len(data)}\r\n"
        if body is not None and "content-type" not in headers:
            head += "content-type: application/json\r\n"
        self._turn += 1
        port = self.ports[self._turn % len(self.ports)]
        reader, writer = await self._connection(port)
        self.asked += 1
        try:
            async with asyncio.timeout(seconds):
                writer.write(head.encode() + b"\r\n" + data)
                answer = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(answer)
                content = await reader.readexactly(int(length[1])) if length else b""
        except AWAY as error:
            writer.close()
            self.cut_at[port] += 1
            raise NoAnswerError(type(error).__name__) from error
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in answer.lower():
            writer.close()
        else:
            self._kept[port].append((reader, writer))
        return Reply(int(answer[9:12]), content)

    async def _connection(self, port: int) -> Connection:
        kept = self._kept[port]
        while kept:
            reader, writer = kept.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        try:
            async with asyncio.timeout(5):
                return await asyncio.open_connection(HOST, port, limit=1 << 20)
        except (OSError, TimeoutError) as error:
            raise NothingSentError(type(error).__name__) from error

    def close(self) -> None:
        for kept in self._kept.values():
            while kept:
                with contextlib.suppress(OSError):
                    kept.pop()[1].close()
