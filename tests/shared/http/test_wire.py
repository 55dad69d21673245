"""What only the wire shows: deadlines, two readings of one request, limits while streaming, the stop."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.servers import free_port
from shared.http.limits import HEADER_LIMIT
from shared.http.receive_deadline import DeadlineProtocol
from shared.http.server import server_of
from tests.shared.http import things
from tests.support.keys import Keys

FORM = b"/v1/forms/pk_1/submissions"
POST = b"POST " + FORM + b" HTTP/1.1\r\nHost: things.test\r\n"


async def live(client: httpx.AsyncClient) -> None:
    """Wait until the service is ready."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/readyz")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the service did not become ready")


@pytest.fixture(scope="module")
async def port(things_database: str, keys: Keys) -> AsyncIterator[int]:
    app, settings = things.make_service(things_database, keys, port=free_port(), stop_delay_seconds=0)
    server = server_of(app, settings)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}") as client:
        await live(client)
    yield settings.port
    server.should_exit = True
    await serving


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline short enough to wait for."""
    monkeypatch.setattr(DeadlineProtocol, "receive_seconds", 0.4)


class Wire:
    """A bare connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    async def status(self) -> int:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                self.body = await self.reader.readexactly(int(line.split(b":")[1]))
        return int(head.split(b" ")[1])

    async def is_closed(self) -> bool:
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(1), 5) == b""
        return True


@pytest.fixture
async def wire(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield Wire(reader, writer)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "begun",
    [b"", b"POST ", POST + b"Content-Le", POST + b"Content-Length: 9\r\n\r\nabc"],
)
async def test_a_request_that_does_not_arrive_is_ended(wire: Wire, begun: bytes) -> None:
    await wire.send(begun)

    assert await wire.status() == 408
    assert await wire.is_closed()


@pytest.mark.usefixtures("soon")
async def test_a_byte_now_and_then_does_not_buy_time(wire: Wire) -> None:
    await wire.send(POST + b"Content-Length: 1000\r\n\r\n")
    began = time.monotonic()

    async def drip() -> None:
        while True:
            await wire.send(b"x")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    assert await wire.status() == 408
    dripping.cancel()
    assert time.monotonic() - began < 3


@pytest.mark.usefixtures("soon")
async def test_a_connection_kept_alive_may_rest_between_requests(wire: Wire) -> None:
    for _ in range(2):
        await wire.send(POST + b"Content-Length: 2\r\n\r\nhi")
        assert await wire.status() == 202
        await asyncio.sleep(0.6)


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"Content-Length: 3\r\nContent-Length: 3\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Content-Length: 0x3\r\n",
        b"Content-Length : 3\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"X: a\nContent-Length: 3\r\n",
        b"X: a\rContent-Length: 3\r\n",
        b" folded: 1\r\n",
        b"Connection: upgrade\r\nUpgrade: h2c\r\n",
        b"Host: another.test\r\n",
    ],
)
async def test_what_two_parsers_could_read_differently_is_refused(wire: Wire, headers: bytes) -> None:
    await wire.send(POST + headers + b"\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n")

    assert await wire.status() == 400
    assert await wire.is_closed()


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02", b"GET /livez\r\n\r\n", b"hello\r\n\r\n", b"GET /livez HTTP/1.1\r\n\r\n"]
)
async def test_what_is_not_http_is_refused(wire: Wire, raw: bytes) -> None:
    await wire.send(raw)

    assert await wire.status() == 400
    assert b"urn:leadloop:problem:unparseable" in wire.body


@pytest.mark.parametrize(
    "headers",
    [
        b"X: " + b"a" * (HEADER_LIMIT + 1) + b"\r\n\r\n",
        b"X: " + b"a" * (HEADER_LIMIT * 5),
        b"".join(b"X%d: a\r\n" % number for number in range(200)) + b"\r\n",
    ],
)
async def test_headers_have_an_end(wire: Wire, headers: bytes) -> None:
    await wire.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n" + headers)

    assert await wire.status() == 431
    assert await wire.is_closed()


async def test_a_large_body_in_one_piece_is_not_taken_for_headers(wire: Wire, keys: Keys) -> None:
    head = b"POST /v1/things/large HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    body = b'{"a": "' + b"x" * 60_000 + b'"}'
    request = head + b"Content-Length: %d\r\n\r\n" % len(body) + body

    await wire.send(request * 3)

    assert [await wire.status() for _ in range(3)] == [200, 200, 200]


async def test_a_chunked_body_is_counted_while_it_arrives(wire: Wire) -> None:
    await wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(3):
        await wire.send(b"190\r\n" + b"x" * 400 + b"\r\n")

    assert await wire.status() == 413


async def test_a_body_announced_too_large_is_refused_before_it_comes(wire: Wire) -> None:
    await wire.send(POST + b"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")

    assert await wire.status() == 413


async def test_a_client_that_leaves_is_nobodys_error(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST + b"Content-Length: 100\r\n\r\nabc")
    await writer.drain()
    writer.transport.abort()

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/livez")).status_code == 200
    assert "request_failed" not in capsys.readouterr().out


async def test_a_burst_beyond_what_there_is_room_for_is_shed_and_forgotten(port: int) -> None:
    """Ten connections, fifty places to wait: the rest hears at once to come back, and nobody hangs."""
    room = httpx.Limits(max_connections=120)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=room, timeout=20) as client:
        burst = [client.post("/v1/things/nap") for _ in range(100)]
        answers = await asyncio.gather(*burst)
        after = await client.get("/v1/things/a")

    served = [answer for answer in answers if answer.status_code == 200]
    shed = [answer for answer in answers if answer.status_code == 503]
    assert 1 <= len(served) <= 10
    assert len(served) + len(shed) == 100
    assert all(2 <= int(answer.headers["retry-after"]) <= 10 for answer in shed)
    assert after.status_code == 200
