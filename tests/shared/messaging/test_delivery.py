"""Batches on a real database: once each, in order per key, poison parked, the rest flowing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import uuid5

import pytest

from shared import clock
from shared.database.sessions import Sessions, driver
from shared.errors import ConflictError
from shared.events.envelope import Envelope, Event
from shared.events.handoff import LeadDeclined
from shared.messaging import repairs
from shared.messaging.cloudevents import NAMELESS, Unreadable
from shared.messaging.delivery import Delivery, TooManyParkedError
from shared.messaging.subscriptions import Context, Subscriptions
from tests.shared.messaging.testing import declined, expired, prepare, scalar, seen, subscriptions
from tests.support.samples import delivered


@pytest.fixture
async def sessions(sales_sessions: Sessions) -> Sessions:
    await prepare(sales_sessions)
    return sales_sessions


@pytest.fixture
def offsets() -> Iterator[int]:
    return count()


def arrived(event: Event, offset: int, **changes: object) -> Envelope:
    return delivered(event).model_copy(update={"offset": offset, "time": clock.now(), **changes})


def unreadable(offset: int, key: str) -> Unreadable:
    topic = "handoff.assignments"
    return Unreadable(uuid5(NAMELESS, str(offset)), topic, 0, offset, key, "?", {}, b"\xff", "no_data")


async def parked(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as session:
        rows = await repairs.parked_events(session)
    return [(str(int(row["key"].replace("-", ""), 16)), row["reason"]) for row in rows]


async def test_an_event_delivered_again_changes_nothing(sessions: Sessions) -> None:
    delivery = Delivery(subscriptions(), sessions)
    batch = [arrived(declined(1), 0), arrived(declined(2), 1)]

    await delivery.apply([*batch, batch[0]])
    again = await delivery.apply(batch)

    assert await seen(sessions) == [(1, 1), (2, 1)]
    assert again.repeated == 2


async def test_interleaved_types_keep_each_keys_order(sessions: Sessions) -> None:
    facts = [declined(1, 1), expired(1, 2), expired(2, 1), declined(1, 3), declined(2, 2)]

    await Delivery(subscriptions(), sessions).apply([arrived(fact, n) for n, fact in enumerate(facts)])

    handled = await seen(sessions)
    assert [version for lead, version in handled if lead == 1] == [1, 2, 3]
    assert [version for lead, version in handled if lead == 2] == [1, 2]


async def test_an_unreadable_event_parks_its_key_and_the_others_flow(sessions: Sessions) -> None:
    batch: list[Envelope | Unreadable] = [
        arrived(declined(1, 1), 0),
        unreadable(1, declined(1).key),
        arrived(declined(1, 3), 2),
        arrived(declined(2, 1), 3),
    ]

    await Delivery(subscriptions(), sessions).apply(batch)
    await Delivery(subscriptions(), sessions).apply([arrived(expired(1, 4), 4), arrived(expired(2, 2), 5)])

    assert await seen(sessions) == [(1, 1), (2, 1), (2, 2)]
    assert await parked(sessions) == [
        ("1", "no_data"), ("1", "behind_a_parked_event"), ("1", "behind_a_parked_event"),
    ]  # fmt: skip
    assert await scalar(sessions, "SELECT count(*) FROM outbox WHERE topic = 'dead.handoff'") == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"data": b'{"version": 1}'}, "invalid"),
        ({"data": b"\xff\xfe"}, "invalid"),
        ({"type": "leadloop.handoff.lead_declined.v2"}, "unknown_version"),
        ({"key": "another"}, "key_mismatch"),
        ({"time": clock.now() - timedelta(days=31)}, "older_than_horizon"),
    ],
)
async def test_what_cannot_be_trusted_is_parked_with_its_reason(
    sessions: Sessions, changes: dict[str, object], reason: str
) -> None:
    result = await Delivery(subscriptions(), sessions).apply([arrived(declined(1), 0, **changes)])

    assert result.reasons == {reason: 1}
    assert await seen(sessions) == []


async def test_events_of_other_listeners_are_passed_over(sessions: Sessions) -> None:
    result = await Delivery(subscriptions(), sessions).apply(
        [arrived(declined(1), 0, type="leadloop.handoff.lead_assigned.v1")]
    )

    assert (result.handled, result.parked) == (0, 0)


async def test_a_batch_that_fails_leaves_everything_unseen(sessions: Sessions) -> None:
    batch = [arrived(declined(1), 0), arrived(declined(2, reason="poison"), 1)]

    with pytest.raises(ValueError, match="can't"):
        await Delivery(subscriptions(), sessions).apply(batch)

    assert await seen(sessions) == []
    assert await scalar(sessions, "SELECT count(*) FROM inbox") == 0


async def test_one_by_one_parks_only_the_event_that_fails_and_its_followers(sessions: Sessions) -> None:
    facts = [declined(1), declined(2, 1, reason="poison"), expired(2, 2), declined(3)]

    result = await Delivery(subscriptions(), sessions).apply(
        [arrived(fact, n) for n, fact in enumerate(facts)], one_by_one=True
    )

    assert await seen(sessions) == [(1, 1), (3, 1)]
    assert result.reasons == {"handler_failed": 1, "behind_a_parked_event": 1}


async def test_what_a_failing_event_had_written_is_undone(sessions: Sessions) -> None:
    async def write_and_fail(context: Context, events: Sequence[LeadDeclined]) -> None:
        connection = await driver(context.session)
        for event in events:
            await connection.execute("INSERT INTO seen (key, version) VALUES ($1, 1)", event.key)
        if events[0].reason == "poison":
            raise ValueError("too late to be clean by itself")

    found = Subscriptions(group="handoff")
    found.on(LeadDeclined, write_and_fail)
    batch = [arrived(declined(1, reason="poison"), 0), arrived(declined(2), 1)]

    await Delivery(found, sessions).apply(batch, one_by_one=True)

    assert await seen(sessions) == [(2, 1)]


async def test_a_guard_stops_instead_of_parking_everything(sessions: Sessions) -> None:
    delivery = Delivery(subscriptions(), sessions)
    await delivery.apply([unreadable(n, declined(n).key) for n in range(20)])

    with pytest.raises(TooManyParkedError):
        await delivery.apply([unreadable(20, declined(20).key)])

    assert len(await parked(sessions)) == 20


async def test_partitions_handled_together_are_guarded_each_for_itself(sessions: Sessions) -> None:
    def of_partition(number: int, offset: int) -> Unreadable:
        return replace(unreadable(100 * number + offset, f"{number}-{offset}"), partition=number)

    delivery = Delivery(subscriptions(), sessions)
    await delivery.apply([of_partition(number, offset) for number in range(3) for offset in range(20)])

    with pytest.raises(TooManyParkedError):
        await delivery.apply([arrived(declined(1), 100), of_partition(1, 20)])
    await delivery.apply([arrived(declined(1), 100), of_partition(3, 0)])

    assert len(await parked(sessions)) == 61, "twenty of each, and the first of another"
    assert await seen(sessions) == [(1, 1)]
    assert await scalar(sessions, "SELECT count(*) FROM consumer_offsets") == 4


async def test_a_repeat_waits_where_its_first_copy_came(sessions: Sessions) -> None:
    delivery = Delivery(subscriptions(), sessions)
    head, second = unreadable(0, declined(1).key), arrived(declined(1, 2), 1)
    await delivery.apply([head])

    await delivery.apply([second, arrived(declined(1, 3), 2), second.model_copy(update={"offset": 3})])
    await repairs.discard_event(sessions, head.id, reason="broken by hand")
    await repairs.retry_key(sessions, subscriptions(), "handoff.assignments", declined(1).key)

    assert await seen(sessions) == [(1, 2), (1, 3)]


async def test_nothing_overtakes_what_cannot_be_read_and_came_twice(sessions: Sessions) -> None:
    broken = arrived(declined(1), 0, data=b"{}")
    again = broken.model_copy(update={"offset": 2})

    await Delivery(subscriptions(), sessions).apply([broken, arrived(declined(1, 2), 1), again])

    assert await seen(sessions) == []
    assert await parked(sessions) == [("1", "invalid"), ("1", "behind_a_parked_event")]


async def test_a_retried_key_is_handled_in_order_once_its_head_is_discarded(sessions: Sessions) -> None:
    delivery = Delivery(subscriptions(), sessions)
    head = unreadable(0, declined(1).key)
    followers = [arrived(declined(1, 2), 1), arrived(expired(1, 3), 2)]
    await delivery.apply([head, *followers])

    with pytest.raises(ConflictError, match="comes first"):
        await repairs.retry_event(sessions, subscriptions(), followers[0].id)
    await repairs.discard_event(sessions, head.id, reason="broken by hand")
    handled = await repairs.retry_key(sessions, subscriptions(), "handoff.assignments", declined(1).key)
    await delivery.apply([head, *followers])

    assert handled == 2
    assert await seen(sessions) == [(1, 2), (1, 3)]
    assert await parked(sessions) == []
