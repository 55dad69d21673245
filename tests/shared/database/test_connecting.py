"""What a URL asks for holds on every way to a database: here on a server that has no TLS at all."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from shared.database.failures import Failure, failure_of, reason_of
from shared.database.sessions import connect, create_engine
from tests.support import own_lines
from tests.support.certificates import Authority
from tests.support.loop import until

NO_TLS = "the server does not take TLS, and its URL asks for it (sslmode)"
LINES = """
SELECT application_name AS name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE $1
"""


async def lines(url: str, application: str) -> list[str]:
    """The connections that there are by this name."""
    look = await connect(url, application="look")
    try:
        return [row["name"] for row in await look.fetch(LINES, f"{application}%")]
    finally:
        await look.close()


@pytest.mark.parametrize("way", own_lines.WAYS, ids=lambda way: way.__name__)
async def test_a_line_of_its_own_never_goes_without_the_tls_that_was_asked_for(
    sales_database: str, way: own_lines.Way
) -> None:
    with capture_logs() as told:
        async with way(f"{sales_database}?sslmode=require"):

            async def refused() -> list[Any]:
                return [line for line in told if line.get("reason") == NO_TLS]

            await until(refused, f"{way.__name__} says why it does not connect")
            assert await lines(sales_database, own_lines.NAME) == []


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_the_pool_never_goes_without_the_tls_that_was_asked_for(
    sales_database: str, mode: str, tmp_path: Path
) -> None:

    engine = create_engine(f"{sales_database}?sslmode={mode}&sslrootcert={Authority(tmp_path).ca}")
    with pytest.raises(ConnectionError) as refusal:
        async with engine.connect():
            pass
    await engine.dispose()

    assert reason_of(refusal.value) == NO_TLS
    assert failure_of(refusal.value) is Failure.AWAY


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
async def test_who_does_not_insist_on_tls_connects_without(sales_database: str, mode: str) -> None:
    connection = await connect(f"{sales_database}?sslmode={mode}", application="us")
    await connection.close()


async def test_the_urls_word_stands_behind_the_programs_and_its_options_hold(sales_database: str) -> None:
    url = f"{sales_database}?application_name=blue&options=-c%20work_mem%3D7MB%20-c%20lock_timeout%3D0"
    engine = create_engine(url, application="sales-api")
    async with engine.connect() as connection:
        shown = {
            name: (await connection.execute(text(f"SHOW {name}"))).scalar_one()
            for name in ("application_name", "work_mem", "lock_timeout")
        }
    await engine.dispose()

    # The bounds that keep one session from stopping all others are ours to set.
    assert shown == {"application_name": "sales-api (blue)", "work_mem": "7MB", "lock_timeout": "3s"}


async def test_of_several_servers_the_one_that_is_meant_is_found(sales_database: str) -> None:
    where = sales_database.partition("@")[2].partition("/")[0]
    several = sales_database.replace(f"@{where}/", f"@127.0.0.1:1,{where}/")
    connection = await connect(f"{several}?target_session_attrs=read-write", application="us")
    await connection.close()

    with pytest.raises(ConnectionError, match="target attribute"):
        await connect(f"{sales_database}?target_session_attrs=standby", application="us")


async def test_a_wrong_password_is_told_as_one(sales_database: str) -> None:
    wrong = sales_database.replace("for-tests-only", "guessed")
    with pytest.raises(Exception, match="password authentication failed") as refusal:
        await connect(wrong, application="us")

    assert reason_of(refusal.value) == "the server refuses this role or its password"
    assert failure_of(refusal.value) is Failure.AWAY
