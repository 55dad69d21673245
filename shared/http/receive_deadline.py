"""uvicorn's HTTP protocol with an end: a request arrives whole within ten seconds, or not at all.

uvicorn's own keep-alive timer is unset by every received byte, and ASGI middleware runs too late:
a sender of one byte per second would hold a connection for ever. Besides the deadline, this refuses
what two parsers could read differently (request smuggling), and headers without end.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.errors import (
    HeadersTooLargeError,
    ProblemError,
    RequestTimeoutError,
    UnavailableError,
    UnparseableError,
)
from shared.http import problems
from shared.http.limits import HEADER_LIMIT
from shared.observability import telemetry

RECEIVE_SECONDS = 10.0
FLUSH_SECONDS = 2.0
MOST_CONNECTIONS = 2000
MOST_HEADERS = 100


class DeadlineProtocol(HttpToolsProtocol):
    """One connection. The deadline runs from the connection, or a later request's first byte, to its last."""

    receive_seconds = RECEIVE_SECONDS

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = True
        self._completed = False  # a request ended within the bytes now being read
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(UnavailableError("Too many connections are open here."), "connections")

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._completed = False
        super().data_received(data)
        # A header line without an end is inside the parser, where only its bytes can be counted;
        # bytes that also hold the end of the request before are let pass.
        if self._in_headers and not self._completed and not self._refused:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_LIMIT:
                self._refuse_headers()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0
        self._in_headers = True
        if self._deadline is None:
            self._arm()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEADER_LIMIT or len(self.headers) > MOST_HEADERS:
            self._refuse_headers()
        elif (reason := self._ambiguous()) is not None:
            self._refuse(UnparseableError(reason), "ambiguous")
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_headers = self._completed = True
        self._header_bytes = 0
        if self._refused:
            return
        self._disarm()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(UnparseableError("This is not HTTP/1.1 as RFC 9112 has it."), "not_http")

    def _ambiguous(self) -> str | None:
        lengths = [value for name, value in self.headers if name == b"content-length"]
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        if lengths and codings:
            return "Content-Length and Transfer-Encoding together are refused."
        if len(lengths) > 1 or any(not value.isdigit() for value in lengths):
            return "One Content-Length with digits only, please."
        if codings and [value.strip().lower() for value in codings] != [b"chunked"]:
            return "Transfer-Encoding is chunked or nothing."
        if self.parser.should_upgrade():
            return "This server does not change protocols."
        return self._unaddressed()

    def _unaddressed(self) -> str | None:
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
            return "This server speaks HTTP/1.1, with one Host header."
        return None

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self.receive_seconds, self._too_late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        seconds = f"{self.receive_seconds:g}"
        self._refuse(RequestTimeoutError(f"The request did not arrive within {seconds} seconds."), "deadline")

    def _refuse_headers(self) -> None:
        self._refuse(HeadersTooLargeError("The headers are larger than 16 KiB, or more than 100."), "headers")

    def _refuse(self, problem: ProblemError, reason: str) -> None:
        """Say why, unless this request has an answer, and close: what follows is not trusted."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._disarm()
        telemetry.http_refused.labels(reason).inc()
        if self._in_headers or self.cycle is None or not self.cycle.response_started:
            self.transport.write(_as_http(problem))
        self.transport.close()
        # A peer that does not read would keep the closing connection for ever.
        self.loop.call_later(FLUSH_SECONDS, self.transport.abort)


def _as_http(problem: ProblemError) -> bytes:
    body = problems.as_json(problem)
    headers = {
        "content-type": problems.MEDIA_TYPE,
        "content-length": str(len(body)),
        "connection": "close",
        **problem.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[problem.status] + lines.encode() + b"\r\n" + body
