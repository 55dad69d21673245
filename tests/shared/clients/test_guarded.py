"""Addresses that people enter lead to the public internet only, and every answer has an end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from shared.clients.guarded import AnswerTooLargeError, GuardedClient, RefusedAddressError, is_public

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
MOVED = b"HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 5000
SLOW = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A real server on this machine, its address, and the requests that reached it."""
    asked: list[bytes] = []
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        if answer is SLOW:
            await ended.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://named.example:{port}/hook", asked
    finally:
        ended.set()
        server.close()
        await server.wait_closed()


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@asynccontextmanager
async def a_client(
    *, resolve: object = here, allowed: Sequence[str] = ("127.0.0.1",), seconds: float = 5
) -> AsyncIterator[GuardedClient]:
    client = GuardedClient(
        seconds=seconds, largest=1000, resolve=resolve, allowed=allowed, schemes=("http", "https")  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.31.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # where clouds keep their machines' credentials
        ("100.64.0.1", False),  # shared by a provider's customers
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_what_is_an_address_of_the_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_an_address_that_was_allowed_is_asked_under_its_own_name() -> None:
    async with answering(OK) as (url, asked), a_client() as client:
        answer = await client.ask("POST", url, content=b"{}", headers={"x-mark": "1"})

    assert (answer.status, answer.body) == (200, b"ok")
    assert b"host: named.example:" in asked[0].lower()
    assert b"x-mark: 1" in asked[0].lower()


async def test_our_own_network_is_never_asked() -> None:
    async with answering(OK) as (url, asked), a_client(allowed=()) as client:
        for address in (
            url,
            url.replace("named.example", "127.0.0.1"),
            url.replace("named.example", "[::1]"),
        ):
            with pytest.raises(RefusedAddressError):
                await client.ask("GET", address)

    assert asked == []


async def test_one_address_of_ours_among_others_is_one_too_many() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", "10.0.0.1"]

    async with a_client(resolve=both) as client:
        with pytest.raises(RefusedAddressError):
            await client.ask("GET", "https://named.example/")


async def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_looked_up() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]]

    async def changing(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    async with answering(OK) as (url, asked), a_client(resolve=changing) as client:
        assert (await client.ask("GET", url)).status == 200
        with pytest.raises(RefusedAddressError):
            await client.ask("GET", url)

    assert len(asked) == 1
    assert len(answers) == 1  # each request looked once


async def test_a_redirect_is_an_answer_and_nobody_follows_it() -> None:
    async with answering(MOVED) as (url, asked), a_client() as client:
        assert (await client.ask("GET", url)).status == 302

    assert len(asked) == 1


async def test_an_answer_ends_by_size() -> None:
    async with answering(ENDLESS) as (url, _), a_client() as client:
        with pytest.raises(AnswerTooLargeError):
            await client.ask("GET", url)


async def test_an_answer_ends_by_time() -> None:
    async with answering(SLOW) as (url, _), a_client(seconds=0.3) as client:
        with pytest.raises((TimeoutError, httpx.TimeoutException)):
            await client.ask("GET", url)


@pytest.mark.parametrize(
    "url", ["ftp://named.example/", "file:///etc/passwd", "https://a:b@named.example/", "x"]
)
async def test_other_kinds_of_addresses_are_refused(url: str) -> None:
    async with a_client() as client:
        with pytest.raises(RefusedAddressError):
            await client.ask("GET", url)


async def test_only_https_is_asked_unless_told_otherwise() -> None:
    client = GuardedClient(resolve=here, allowed=("127.0.0.1",))
    try:
        async with answering(OK) as (url, asked):
            with pytest.raises(RefusedAddressError):
                await client.ask("GET", url)
    finally:
        await client.close()

    assert asked == []
