"""The proxy on an echo, on PostgreSQL and on Kafka: each harm is done, and undone."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic
from sqlalchemy.engine import make_url

from deploy.local.servers.ports import HOST
from shared.messaging import topics
from tests.faults.proxy import KafkaRequests, Proxy
from tests.faults.servers import OurKafka
from tests.support import steward


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo, HOST, 0)
    async with Proxy(server.sockets[0].getsockname()[1], rng=Random(1)) as proxy:
        yield proxy
    server.close()


async def said(proxy: Proxy, data: bytes) -> bytes:
    """What comes back of this on a new connection; as much as came when it is reset half-way."""
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(data)
    found = b""
    try:
        async with asyncio.timeout(5):
            while len(found) < len(data) and (piece := await reader.read(1 << 16)):
                found += piece
    finally:
        writer.close()
    return found


async def test_it_passes_on_what_is_said_whole_and_unchanged(proxy: Proxy) -> None:
    data = Random(2).randbytes(1 << 20)

    assert await said(proxy, data) == data


async def test_a_slow_line_takes_its_time_both_ways(proxy: Proxy) -> None:
    proxy.slow(0.1, 0.05)
    began = time.monotonic()

    assert await said(proxy, b"hello") == b"hello"
    assert 0.1 <= time.monotonic() - began < 2


async def test_slices_are_no_longer_than_asked_and_complete(proxy: Proxy) -> None:
    proxy.slice(3)
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(b"0123456789")

    assert await reader.readexactly(10) == b"0123456789"
    writer.close()


async def test_a_reset_ends_what_is_open_with_an_error(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(b"hello")
    await reader.readexactly(5)

    assert proxy.reset_all() == 1
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    writer.close()


async def test_a_line_is_cut_after_so_many_bytes(proxy: Proxy) -> None:
    proxy.cut(after=4)

    assert await said(proxy, b"four") == b"four"
    with pytest.raises(ConnectionResetError):
        await said(proxy, b"fives")
    assert proxy.counts["cut"] == 1


async def test_silence_swallows_and_the_end_of_it_resets(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    proxy.silence()
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.3)

    proxy.calm()

    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    writer.close()
    assert await said(proxy, b"again") == b"again"


def test_requests_are_found_wherever_a_piece_ends() -> None:
    request = b"\0\0\0\x06\0\0\0\x08ab" + b"\0\0\0\x04\0\x03\0\x05" + b"\0\0\0\x02\0\0"
    for size in range(1, len(request) + 1):
        requests = KafkaRequests()
        pieces = [request[at : at + size] for at in range(0, len(request), size)]

        assert [key for piece in pieces for key in requests.keys(piece)] == [0, 3, 0]


async def test_a_statement_whose_answer_is_lost_was_done_all_the_same() -> None:
    url = make_url(steward.address_of("postgres"))
    direct = await asyncpg.connect(url.render_as_string(hide_password=False))
    await direct.execute("CREATE TABLE IF NOT EXISTS lines (text text)")
    async with Proxy(url.port or 0, rng=Random(3)) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        connection = await asyncpg.connect(through)
        proxy.lose_next_answer()
        with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
            await connection.execute("INSERT INTO lines VALUES ('once')")
        connection.terminate()

        again = await asyncpg.connect(through)
        assert await again.fetchval("SELECT count(*) FROM lines") == 1
        await again.close()
    await direct.execute("DROP TABLE lines")
    await direct.close()


async def test_a_producer_that_loses_an_answer_asks_again_and_nothing_is_doubled(tmp_path: Path) -> None:
    kafka = OurKafka(tmp_path)
    try:
        await asyncio.to_thread(kafka.start)
        async with topics.admin(kafka.bootstrap) as admin:
            await admin.create_topics([NewTopic("t", 1, 1)])
        async with Proxy(kafka.port_behind_proxy, port=kafka.proxy_port, rng=Random(4)) as proxy:
            producer = AIOKafkaProducer(
                bootstrap_servers=kafka.by_proxy, enable_idempotence=True, retry_backoff_ms=50
            )
            await producer.start()
            await producer.send_and_wait("t", b"before", partition=0)
            proxy.lose_next_produce_answer()
            await producer.send_and_wait("t", b"lost", partition=0)
            await producer.stop()
        assert proxy.counts["answers lost"] == 1
        assert await values(kafka.bootstrap) == [b"before", b"lost"]
    finally:
        await asyncio.to_thread(kafka.stop)


async def values(bootstrap: str) -> list[bytes]:
    client = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await client.start()
    try:
        place = TopicPartition("t", 0)
        client.assign([place])
        [end] = (await client.end_offsets([place])).values()
        found: list[bytes] = []
        while await client.position(place) < end:
            found += [record.value for record in (await client.getmany(timeout_ms=500)).get(place, [])]
        return found
    finally:
        await client.stop()
