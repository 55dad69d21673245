"""What an operator sees of what is kept, and letting it go."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.ops.program import program
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submit, work_off
from tests.support.keys import Keys


async def run(*arguments: str) -> Result:
    """Run the program as an operator does; in a thread, as it starts an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, program("retention"), ["retention", *arguments])


def numbers(shown: Result, column: int) -> dict[str, str]:
    """One column of the table, by kind."""
    rows = [line.split() for line in shown.stdout.splitlines() if line.startswith("marketing ")]
    return {row[1]: row[column] for row in rows}


async def test_what_is_due_is_shown_and_goes_when_somebody_says_so(
    marketing: AsyncClient,
    marketing_database: str,
    marketing_sessions: Sessions,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("KEEP_BODIES_DAYS", "30")
    await submit(marketing, await new_form(marketing, keys), {"email": "ada@b.co"})
    await work_off(marketing_sessions)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET received_at = received_at - interval '31 days'"))

    shown = await run("show", "marketing")
    assert shown.exit_code == 0, shown.output
    assert numbers(shown, 3)["bodies"] == "30"
    assert {kind: due for kind, due in numbers(shown, 4).items() if due != "0"} == {"bodies": "1"}
    assert numbers(await run("run", "marketing", "--dry-run"), 2) == {"bodies": "1"}
    asked = await run("run", "marketing")  # nobody answers
    assert "Nothing was changed" in asked.output or asked.exit_code == 1
    assert numbers(await run("run", "marketing", "--dry-run"), 2) == {"bodies": "1"}

    gone = await run("run", "marketing", "--yes")
    assert gone.exit_code == 0, gone.output
    assert "Nothing is due" in (await run("run", "marketing")).stdout
    async with marketing_sessions() as session:
        assert await session.scalar(text("SELECT count(body) FROM deliveries")) == 0


async def test_days_that_are_too_few_are_named(
    marketing_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)
    monkeypatch.setenv("KEEP_INBOX_DAYS", "7")

    refused = await run("show", "marketing")

    assert refused.exit_code == 1
    assert "KEEP_INBOX_DAYS is 7; set it to 31 or more" in refused.output
