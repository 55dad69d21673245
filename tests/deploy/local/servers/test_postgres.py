"""The embedded PostgreSQL is a real server: durable, on TCP, a password and a database for each role."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.servers import Postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()
    server.data_dirs.remove()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_what_a_service_has_stored_survives_a_crash(server: Postgres) -> None:
    url = server.create_service("durable", "secret-1")
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert server.running is not None

    server.running.kill()
    server.start()

    assert await ask(url, "SELECT answer FROM kept") == 42
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await ask(url, f"SHOW {setting}") == "on"


async def test_a_service_enters_with_its_password_and_its_own_database_only(server: Postgres) -> None:
    own = server.create_service("one", "secret-1")
    server.create_service("other", "secret-2")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(server.url("one", "one", "wrong"), "SELECT 1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(server.url("other", "one", "secret-1"), "SELECT 1")
    assert await ask(own, "SELECT current_user") == "one"


async def test_a_service_is_made_once_and_may_get_a_new_password(server: Postgres) -> None:
    url = server.create_service("again", "secret-1")
    await ask(url, "CREATE TABLE kept ()")

    url = server.create_service("again", "secret-2")

    assert await ask(url, "SELECT count(*) FROM kept") == 0


def test_a_name_that_is_not_plain_is_refused(server: Postgres) -> None:
    with pytest.raises(ValueError, match="plain lower-case name"):
        server.create_service("Robert'; --", "secret")


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    server = Postgres(tmp_path)
    server.start()
    assert server.running is not None
    family = [psutil.Process(server.running.pid), *psutil.Process(server.running.pid).children()]

    server.stop()
    server.data_dirs.remove()

    assert [process for process in family if process.is_running()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its rights away")
def test_root_runs_it_as_an_ordinary_user_who_alone_can_read_the_data(tmp_path: Path) -> None:
    home = tmp_path / "closed"
    home.mkdir(mode=0o700)
    server = Postgres(home)

    server.prepare()

    status = server.data.stat()
    assert status.st_uid != 0
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert not server.data.is_relative_to(home)  # that user could not pass through it
    server.data_dirs.remove()
    assert not server.data.exists()
