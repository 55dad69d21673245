"""Every way to a database goes over TLS as its URL says, and none where the server can't prove who it is."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.ops.reconcile.servers import UnreachableError, opened
from services import migrate
from services.marketing.capture.deliveries.group_commit import FrontDoor
from shared.database.failures import reason_of
from shared.database.sessions import connect, create_engine
from shared.services import SERVICES
from tests.support import own_lines
from tests.support.loop import until
from tests.support.own_lines import Way, listening, notifying, relaying
from tests.tls.conftest import Urls

SEEN = """
SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND application_name = $1
"""


async def lines_over_tls(urls: Urls, application: str) -> list[bool]:
    """Of each connection with this name, whether it is one over TLS."""
    look = await connect(urls.good(), application="look")
    try:
        return [row["ssl"] for row in await look.fetch(SEEN, application)]
    finally:
        await look.close()


async def by_the_pool(url: str) -> None:
    engine = create_engine(url, application="us")
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
    finally:
        await engine.dispose()


async def by_itself(url: str) -> None:
    connection = await connect(url, application="us")
    await connection.close()


async def by_a_migration(url: str) -> None:
    await migrate.upgrade(url, "marketing")


async def by_reconcile(url: str) -> None:
    async with opened(dict.fromkeys(SERVICES, url)) as databases, databases.reading("marketing") as reading:
        await reading.fetchval("SELECT 1")


AT_ONCE: list[Callable[[str], Awaitable[None]]] = [by_the_pool, by_itself, by_a_migration, by_reconcile]


LASTING = {own_lines.NAME: [notifying, listening], f"{own_lines.NAME}-relay": [relaying]}
WAYS = [(name, way) for name, ways in LASTING.items() for way in ways]


@pytest.mark.parametrize("way", AT_ONCE, ids=lambda way: way.__name__)
@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_the_right_authority_is_trusted(
    urls: Urls, way: Callable[[str], Awaitable[None]], mode: str
) -> None:
    await way(urls.good(mode))


@pytest.mark.parametrize("way", AT_ONCE, ids=lambda way: way.__name__)
async def test_the_certificate_of_a_strangers_authority_is_refused(
    urls: Urls, way: Callable[[str], Awaitable[None]]
) -> None:
    with pytest.raises((OSError, UnreachableError)) as refusal:
        await way(urls.of_a_stranger())

    # The server sends its authority along: a chain that ends in somebody whom the URL does not name.
    assert "the server's certificate is refused: self-signed certificate in certificate chain" in told(
        refusal.value
    )


@pytest.mark.parametrize("way", AT_ONCE, ids=lambda way: way.__name__)
async def test_the_certificate_of_another_host_is_refused(
    urls: Urls, way: Callable[[str], Awaitable[None]]
) -> None:
    with pytest.raises((OSError, UnreachableError)) as refusal:
        await way(urls.of_another_host())

    assert "the server's certificate is refused: IP address mismatch" in told(refusal.value)


@pytest.mark.parametrize("way", AT_ONCE, ids=lambda way: way.__name__)
async def test_who_speaks_plain_is_told_to_use_tls(urls: Urls, way: Callable[[str], Awaitable[None]]) -> None:
    with pytest.raises((asyncpg.InvalidAuthorizationSpecificationError, UnreachableError)) as refusal:
        await way(urls.without_tls())

    assert "the server takes TLS only: say sslmode=verify-full in its URL" in told(refusal.value)


def told(error: BaseException) -> str:
    return reason_of(error) or str(error)


# Not by a migration: the role with the certificate owns no table.
@pytest.mark.parametrize("way", [by_the_pool, by_itself, by_reconcile], ids=lambda way: way.__name__)
async def test_a_certificate_of_our_own_is_shown(urls: Urls, way: Callable[[str], Awaitable[None]]) -> None:
    await way(urls.certified())


@pytest.mark.parametrize(("name", "way"), WAYS, ids=[way.__name__ for _, way in WAYS])
async def test_a_line_of_its_own_is_one_over_tls(urls: Urls, name: str, way: Way) -> None:
    async with way(urls.good()):

        async def there() -> list[bool]:
            return await lines_over_tls(urls, name)

        assert all(await until(there, f"{way.__name__} has its line"))


@pytest.mark.parametrize(("name", "way"), WAYS, ids=[way.__name__ for _, way in WAYS])
@pytest.mark.parametrize("wrong", [Urls.of_a_stranger, Urls.of_another_host], ids=["authority", "host"])
async def test_a_line_of_its_own_is_never_opened_to_who_can_not_prove_it(
    urls: Urls,
    name: str,
    way: Way,
    wrong: Callable[[Urls], str],
) -> None:
    with capture_logs() as lines:
        async with way(wrong(urls)):

            async def tried() -> list[str]:
                return [
                    line["reason"] for line in lines if "certificate is refused" in line.get("reason", "")
                ]

            await until(tried, f"{way.__name__} says why")
            assert await lines_over_tls(urls, name) == []


async def test_the_front_doors_own_lines_are_ones_over_tls(urls: Urls) -> None:
    door = FrontDoor(urls.good())

    async def has_its_line() -> bool:
        return bool(await lines_over_tls(urls, "leadloop-front-door"))

    async with door.open():
        # It opens one by itself, to ask how large the database is.
        await until(has_its_line, "the front door has its line")
        assert await lines_over_tls(urls, "leadloop-front-door") == [True]
