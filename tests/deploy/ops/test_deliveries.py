"""What an operator sees and does about deliveries that wait, or could not be read."""

import asyncio

import asyncpg
import pytest
from httpx import AsyncClient
from typer.testing import CliRunner, Result

from deploy.ops.program import program
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.support.keys import Keys


async def deliveries(*arguments: str) -> Result:
    """Run the program as an operator does; in a thread, as it starts an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, program("deliveries"), ["deliveries", *arguments])


@pytest.fixture(autouse=True)
def operator(marketing_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
async def pending(marketing: AsyncClient, keys: Keys) -> str:
    sent = await submit(marketing, await new_form(marketing, keys), {"email": "ada@b.co"})
    id_: str = sent.json()["submission_id"]
    return id_


async def test_a_delivery_is_shown_set_aside_and_retried(
    pending: str, marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    counted = await deliveries("list")
    assert [line.split()[:3] for line in counted.stdout.splitlines()[1:]] == [["pending", "web_form", "1"]]
    assert pending in (await deliveries("list", "--state", "pending")).stdout
    assert "There is none" in (await deliveries("list", "--state", "pending", "--older", "5")).stdout
    assert (await deliveries("list", "--state", "odd")).exit_code == 1

    assert "ada@b.co" not in (await deliveries("show", pending)).stdout
    assert "ada@b.co" in (await deliveries("show", pending, "--body")).stdout

    assert (await deliveries("set-aside", pending, "--reason", "odd")).exit_code == 0
    refused = await deliveries("set-aside", pending)
    assert (refused.exit_code, "only a pending one" in refused.output) == (1, True)
    assert await work_off(marketing_sessions) == 0
    assert "odd" in (await deliveries("list")).stdout

    assert "0 are read again" in (await deliveries("retry", "--reason", "other")).stdout
    assert "1 are read again" in (await deliveries("retry", "--reason", "odd")).stdout
    assert (await deliveries("retry")).exit_code == 1
    await work_off(marketing_sessions)
    assert [one["state"] for one in await submissions(marketing, keys)] == ["created"]


async def test_who_holds_a_delivery_is_named(pending: str, marketing_database: str) -> None:
    holder = await asyncpg.connect(marketing_database, server_settings={"application_name": "wedged-worker"})
    await holder.execute("BEGIN")
    await holder.execute("SELECT id FROM deliveries FOR UPDATE")
    held = await deliveries("set-aside", pending)
    await holder.close()

    assert held.exit_code == 1

    assert "wedged-worker" in held.output
    assert (await deliveries("set-aside", pending)).exit_code == 0
