"""Sets of public keys: fetched, remembered, and fetched again when they changed."""

import asyncio
import json
from pathlib import Path

import pytest

from shared.auth import tokens
from shared.auth.tokens import KeySet
from shared.errors import UnauthenticatedError, UnavailableError


async def test_an_unknown_key_id_fetches_the_set_again_but_not_every_time(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = tokens.new_key("one"), tokens.new_key("two")
    path.write_text(json.dumps(tokens.public_keys([first])))
    keys = KeySet(path.as_uri())
    await keys.key("one")
    path.write_text(json.dumps(tokens.public_keys([second])))

    with pytest.raises(UnauthenticatedError):
        await keys.key("two")  # within ten seconds of the last look
    keys._tried -= 11

    assert (await keys.key("two")).key_id == "two"
    with pytest.raises(UnauthenticatedError):
        await keys.key("one")  # withdrawn


async def test_keys_that_can_not_be_fetched_are_our_problem(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        await KeySet((tmp_path / "missing.json").as_uri()).key("one")


async def test_known_keys_stay_good_while_the_set_is_away(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(tokens.public_keys([tokens.new_key("one")])))
    keys = KeySet(path.as_uri())
    await keys.key("one")
    path.unlink()
    keys._fetched -= 1000
    keys._tried -= 1000

    assert (await keys.key("one")).key_id == "one"


async def test_keys_come_over_http_too() -> None:
    body = json.dumps(tokens.public_keys([tokens.new_key("one")])).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    keys = KeySet(f"http://127.0.0.1:{port}/jwks")

    found = await asyncio.gather(*(keys.key("one") for _ in range(20)))

    assert {key.key_id for key in found} == {"one"}
    server.close()
    await server.wait_closed()
