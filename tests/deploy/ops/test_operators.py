"""What an operator sees and does about events that wait."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.ops.program import program
from shared.database.sessions import Sessions
from shared.messaging import outbox
from shared.messaging.cloudevents import Unreadable
from shared.messaging.parking import Parked, park
from tests.shared.messaging.testing import declined

BROKEN = UUID(int=7)


async def leadloop(*arguments: str) -> Result:
    """Run the program as an operator does; in a thread, as it starts an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, program(arguments[0]), list(arguments))


@pytest.fixture(autouse=True)
def operator(sales_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DATABASE_URL", sales_database)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
async def parked(sales_sessions: Sessions) -> None:
    event = Unreadable(
        id=BROKEN,
        topic="handoff.assignments",
        partition=3,
        offset=41,
        key="lead-1",
        type="leadloop.handoff.lead_accepted.v1",
        headers={},
        data=b"{broken",
        reason="invalid",
    )
    async with sales_sessions.begin() as session:
        await park(session, "sales", [Parked(event, "invalid", "not JSON")])


@pytest.mark.usefixtures("parked")
async def test_a_parked_event_is_shown_with_its_reason_and_data() -> None:
    listed = await leadloop("parked", "list", "sales")
    shown = await leadloop("parked", "show", "sales", str(BROKEN))

    assert str(BROKEN) in listed.stdout
    assert "handoff.assignments" in listed.stdout
    assert "{broken" in shown.stdout
    assert "not JSON" in shown.stdout


@pytest.mark.usefixtures("parked")
async def test_what_can_not_be_read_is_not_handled_by_a_retry() -> None:
    for arguments in (
        ("retry", "sales", str(BROKEN)),
        ("retry-key", "sales", "handoff.assignments", "lead-1"),
    ):
        tried = await leadloop("parked", *arguments)

        assert tried.exit_code == 1
        assert "it failed again, and nothing was changed" in tried.output


@pytest.mark.usefixtures("parked")
async def test_an_event_is_discarded_with_a_reason_that_stays() -> None:
    assert (await leadloop("parked", "discard", "sales", str(BROKEN))).exit_code == 2  # not without a reason

    done = await leadloop("parked", "discard", "sales", str(BROKEN), "--reason", "sent by hand")

    assert done.exit_code == 0
    assert "Nothing is parked." in (await leadloop("parked", "list", "sales")).stdout
    assert "sent by hand" in (await leadloop("parked", "list", "sales", "--state", "discarded")).stdout


@pytest.fixture
async def refused_by_kafka(sales_sessions: Sessions) -> int:
    """One event of the outbox, parked by the relay; its row."""
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(1)])
    async with sales_sessions.begin() as session:
        row: int = (
            await session.execute(
                text(
                    "WITH d AS (DELETE FROM outbox_pending RETURNING id, created_at) "
                    "INSERT INTO outbox_parked (id, created_at, topic, key, error) "
                    "SELECT id, created_at, topic, key, 'too large' "
                    "FROM d JOIN outbox USING (id, created_at) RETURNING id"
                )
            )
        ).scalar_one()
    return row


async def test_a_parked_event_of_the_outbox_is_sent_again(refused_by_kafka: int) -> None:
    assert "too large" in (await leadloop("outbox", "list", "sales")).stdout
    assert "parked" in (await leadloop("outbox", "show", "sales", str(refused_by_kafka))).stdout

    done = await leadloop("outbox", "retry", "sales", str(refused_by_kafka))

    assert done.stdout == "1 events are in the queue again.\n"
    assert "pending" in (await leadloop("outbox", "list", "sales")).stdout


async def test_a_parked_event_of_the_outbox_can_be_given_up(refused_by_kafka: int) -> None:
    await leadloop("outbox", "discard", "sales", str(refused_by_kafka), "--reason", "never needed")

    assert "Everything has left." in (await leadloop("outbox", "list", "sales")).stdout
    assert "never needed" in (await leadloop("outbox", "show", "sales", str(refused_by_kafka))).stdout


async def test_what_is_not_there_ends_in_one_line() -> None:
    for arguments in (("parked", "show", "sales", str(BROKEN)), ("outbox", "show", "sales", "12345")):
        found = await leadloop(*arguments)

        assert found.exit_code == 1
        assert found.output.startswith("leadloop: No event")
        assert found.output.count("\n") == 1


async def test_submissions_set_aside_are_processed_again(
    marketing_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)

    assert (
        "0 are processed again." in (await leadloop("submissions", "replay", "--state", "quarantined")).output
    )
    wrong = await leadloop("submissions", "replay", "--state", "elsewhere")
    assert (wrong.exit_code, "quarantined" in wrong.output) == (1, True)
