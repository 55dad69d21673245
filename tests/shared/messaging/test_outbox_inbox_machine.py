"""Any order of changes, crashes, zombies, repeats and repairs: nothing lost, doubled, or overtaken.

MACHINE_EXAMPLES and MACHINE_STEPS make it run longer.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.envelope import Envelope
from shared.messaging import inbox, relay
from tests.shared.messaging.machine import OutboxAndInbox
from tests.support.databases import fresh_database

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "25"))
STEPS = int(os.environ.get("MACHINE_STEPS", "50"))


@contextmanager
def on_a_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[OutboxAndInbox]]:
    monkeypatch.setattr(relay, "IDLE", 0.0)
    loop = asyncio.new_event_loop()
    fresh = fresh_database("sales")
    url = loop.run_until_complete(fresh.__aenter__())
    try:
        yield type("OutboxAndInboxHere", (OutboxAndInbox,), {"loop": loop, "url": url})
    finally:
        loop.run_until_complete(fresh.__aexit__(None, None, None))
        loop.close()


def run(machine: type[OutboxAndInbox], *, examples: int, **more: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


@pytest.mark.timeout(3600)
def test_nothing_is_lost_doubled_or_overtaken_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_a_database(monkeypatch) as machine:
        run(machine, examples=EXAMPLES, print_blob=True)


# One-line bugs that have cost others their events. The machine has to find each.
OLDEST_FIRST = "FROM (SELECT id, created_at FROM outbox_pending ORDER BY id LIMIT $1) p"
CURSOR = """
FROM (SELECT id, created_at FROM outbox_pending WHERE id > (
    SELECT coalesce(max(o.id), 0) FROM outbox o LEFT JOIN outbox_pending w USING (id)
    LEFT JOIN outbox_parked k USING (id) WHERE w.id IS NULL AND k.id IS NULL
) ORDER BY id LIMIT $1) p"""
DELETE_FIRST = "FROM gone p"
DELETED = """
WITH gone AS (
    DELETE FROM outbox_pending WHERE id IN (SELECT id FROM outbox_pending ORDER BY id LIMIT $1) RETURNING *
)"""


async def claim_everything(_: AsyncSession, envelopes: Sequence[Envelope]) -> list[Envelope]:
    return inbox.first_copies(envelopes)


BUGS: dict[str, tuple[object, str, object]] = {
    "a cursor instead of a queue": (relay, "FETCH", relay.FETCH.replace(OLDEST_FIRST, CURSOR)),
    "deleted before acknowledged": (
        relay,
        "FETCH",
        DELETED + relay.FETCH.replace(OLDEST_FIRST, DELETE_FIRST),
    ),
    "the newest first": (relay, "FETCH", relay.FETCH.replace("ORDER BY o.id", "ORDER BY o.id DESC")),
    "repeats are handled again": (inbox, "claim", claim_everything),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", BUGS)
def test_the_machine_finds_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, broken = BUGS[bug]
    assert broken != getattr(place, name)
    monkeypatch.setattr(place, name, broken)
    with on_a_database(monkeypatch) as machine, pytest.raises(AssertionError):
        run(machine, examples=30, phases=[Phase.generate], database=None, report_multiple_bugs=False)
