"""Any order of changes, crashes, zombies, repeats and repairs: nothing lost, doubled, or overtaken.

MACHINE_EXAMPLES and MACHINE_STEPS make it run longer.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.envelope import Envelope
from shared.messaging import inbox, relay
from tests.shared.messaging.listed_log import PARTITIONS, Fate
from tests.shared.messaging.machine import OutboxAndInbox, well
from tests.shared.messaging.world import LEADS
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


# One-line bugs that have cost others their events. What the machine finds by chance it may miss by chance, so
# each has its shortest story, told step by step with the machine's own steps.
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


Story = Callable[[OutboxAndInbox], None]
ANA, BEN, *_ = LEADS


def an_earlier_id_commits_later(machine: OutboxAndInbox) -> None:
    """The queue moves on past a transaction that is still open, which then commits."""
    machine.a_lead_changes(lead=ANA, facts=1, stays_open=True, poison="")
    machine.a_lead_changes(lead=BEN, facts=1, stays_open=False, poison="")
    machine.a_relay_works(number=0, rounds=12)
    machine.do(machine.world.commit(ANA))
    machine.a_relay_works(number=0, rounds=12)
    assert not machine.do(machine.pending()), "never sent"


def a_relay_dies_with_its_batch(machine: OutboxAndInbox) -> None:
    """What was fetched never reached the broker, and nobody is left who holds it."""
    machine.a_lead_changes(lead=ANA, facts=1, stays_open=False, poison="")
    machine.a_relay_fetches_and_sends(number=0)
    machine.the_broker_answers(number=0, fates=[Fate.AWAY] * (2 * PARTITIONS))
    machine.a_relay_works(number=0, rounds=12)


def two_facts_of_a_lead(machine: OutboxAndInbox) -> None:
    machine.a_lead_changes(lead=ANA, facts=2, stays_open=False, poison="")
    machine.a_relay_works(number=0, rounds=12)


def deliver_what_is_new(machine: OutboxAndInbox) -> None:
    for partition in range(PARTITIONS):
        machine.records_are_delivered(partition=partition, back=0, count=30)


def everything_is_delivered_twice(machine: OutboxAndInbox) -> None:
    two_facts_of_a_lead(machine)
    deliver_what_is_new(machine)
    for partition in range(PARTITIONS):
        machine.records_are_delivered(partition=partition, back=1000, count=30)


def a_repeat_waits_behind_a_parked_event(machine: OutboxAndInbox) -> None:
    """1 can't be handled, so that the others wait; a second relay makes of the log 1, 2, 3, 2."""
    machine.a_lead_changes(lead=ANA, facts=1, stays_open=False, poison="to the handler")
    machine.a_relay_works(number=0, rounds=12)
    deliver_what_is_new(machine)
    machine.a_lead_changes(lead=ANA, facts=1, stays_open=False, poison="")
    machine.a_relay_fetches_and_sends(number=1)
    machine.a_lead_changes(lead=ANA, facts=1, stays_open=False, poison="")
    machine.a_relay_works(number=0, rounds=12)
    machine.the_broker_answers(number=1, fates=well)
    deliver_what_is_new(machine)


# What the machine once found in the product itself.
FOUND = {"a repeat waits behind a parked event": a_repeat_waits_behind_a_parked_event}
BUGS: dict[str, tuple[object, str, object, Story]] = {
    "a cursor instead of a queue": (
        *(relay, "FETCH", relay.FETCH.replace(OLDEST_FIRST, CURSOR)),
        an_earlier_id_commits_later,
    ),
    "deleted before acknowledged": (
        *(relay, "FETCH", DELETED + relay.FETCH.replace(OLDEST_FIRST, DELETE_FIRST)),
        a_relay_dies_with_its_batch,
    ),
    "the newest first": (
        *(relay, "FETCH", relay.FETCH.replace("ORDER BY o.id", "ORDER BY o.id DESC")),
        two_facts_of_a_lead,
    ),
    "repeats are handled again": (inbox, "claim", claim_everything, everything_is_delivered_twice),
}


def tell(story: Story, machine: type[OutboxAndInbox]) -> None:
    """The story's steps on a service of its own, then what must hold, then the end of everything at rest."""
    told = machine()
    told.an_empty_service()
    try:
        story(told)
        told.the_argument_holds()
    except BaseException:
        told.broken = True
        raise
    finally:
        told.teardown()


STORIES = FOUND | {bug: story for bug, (*_, story) in BUGS.items()}


@pytest.mark.parametrize("story", STORIES)
def test_a_bugs_story_ends_well_without_the_bug(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with on_a_database(monkeypatch) as machine:
        tell(STORIES[story], machine)


@pytest.mark.parametrize("bug", BUGS)
def test_the_machine_finds_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, broken, story = BUGS[bug]
    assert broken != getattr(place, name)
    monkeypatch.setattr(place, name, broken)
    with on_a_database(monkeypatch) as machine, pytest.raises(AssertionError):
        tell(story, machine)
