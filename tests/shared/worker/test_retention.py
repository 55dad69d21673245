"""What the plumbing keeps goes when its days are over; a setting that others rest on is refused."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.handoff.settings import Settings
from shared import clock
from shared.database.sessions import Sessions, database_time, driver
from shared.messaging import outbox_partitions
from shared.observability import telemetry
from shared.settings import SettingsError
from shared.worker import retention
from shared.worker.retention import PLUMBING
from shared.worker.upkeep import Upkeep

PARKED = (
    "INSERT INTO parked_events (event_id, topic, part, off, key, type, data, reason, state, ended_at) "
    "VALUES ($1, 't', 0, 0, 'k', 'x', 'data', 'invalid', $2, $3)"
)
ANSWER = (
    "INSERT INTO idempotency (caller, route, key_hash, fingerprint, status, headers, body, created_at) "
    "VALUES ('c', 'POST /x', sha256($1::text::bytea), 'f', 201, '{}', 'b', now() - $2::interval)"
)

AUDITED = (
    "INSERT INTO audit_events (id, at, subject, kind, roles, credential, request_id, method, route, "
    "object_kind, status, changes) VALUES ($1, now() - $2::interval, 's', 'person', '{}', 'c', 'r', 'POST', "
    "'/v1/x', 'x', 201, '[]')"
)


def settings(**days: Any) -> Settings:
    return Settings(handoff_database_url="postgresql://nobody@127.0.0.1/nothing", **days)


async def of_all_ages(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        connection = await driver(session)
        now = await database_time(session)
        for days in (1, 59, 61, 300):
            await connection.execute(
                "INSERT INTO inbox (event_id, topic, part, off, done_at) VALUES ($1, 't', 0, 0, $2)",
                clock.new_id(),
                now - timedelta(days=days),
            )
        for days in (1, 3, 30):
            await connection.execute(ANSWER, f"k{days}", timedelta(days=days))
        for days in (729, 731):
            await connection.execute(AUDITED, clock.new_id(), timedelta(days=days))
        for state, days in (("handled", 89), ("handled", 91), ("discarded", 89), ("discarded", 91)):
            await connection.execute(PARKED, clock.new_id(), state, now - timedelta(days=days))
        await connection.execute(PARKED, clock.new_id(), "parked", None)


async def counts(sessions: Sessions) -> Mapping[str, int]:
    async with sessions() as session:
        row = await (await driver(session)).fetchrow(
            "SELECT (SELECT count(*) FROM inbox) AS inbox, (SELECT count(*) FROM idempotency) AS answers, "
            "(SELECT count(*) FROM parked_events) AS parked, (SELECT count(data) FROM parked_events) AS data"
        )
        assert row is not None
        return dict(row)


async def test_each_kind_goes_when_its_days_are_over(handoff_sessions: Sessions) -> None:
    await of_all_ages(handoff_sessions)

    looked = await retention.look(handoff_sessions, PLUMBING, settings())
    assert {kind: found.due for kind, (found, _) in looked.items() if found.due} == {
        **{"inbox": 2, "answers": 2, "audit": 1},
        **{"parked": 1, "given_up": 1},
    }
    gone = await retention.round_of(handoff_sessions, PLUMBING, settings())

    assert gone == {"outbox": 0, "inbox": 2, "answers": 2, "audit": 1, "parked": 1, "given_up": 1}
    # Who was given up stays, without its data: reconcile excuses by it. What is parked waits.
    assert await counts(handoff_sessions) == {"inbox": 2, "answers": 1, "parked": 4, "data": 3}


async def test_other_days_let_other_things_go(handoff_sessions: Sessions) -> None:
    await of_all_ages(handoff_sessions)
    longer = settings(keep_inbox_days=0, keep_answers_days=10, keep_parked_days=0, keep_audit_days=0)

    assert await retention.round_of(handoff_sessions, PLUMBING, longer) == {"outbox": 0, "answers": 1}
    assert await counts(handoff_sessions) == {"inbox": 4, "answers": 2, "parked": 5, "data": 5}


async def test_the_log_goes_by_days_and_keeps_what_is_not_sent(handoff_sessions: Sessions) -> None:
    async with handoff_sessions.begin() as session:
        connection = await driver(session)
        today = (await database_time(session)).date()
        for days in (40, 39, 38):
            day = today - timedelta(days=days)
            await connection.execute(
                f"CREATE TABLE {outbox_partitions.name_of(day)} PARTITION OF outbox "
                f"FOR VALUES FROM ('{day} 00:00:00+00') TO ('{day + timedelta(days=1)} 00:00:00+00')"
            )
        await connection.execute(
            "INSERT INTO outbox_pending (id, created_at) VALUES (1, $1::date + interval '12 hours')",
            today - timedelta(days=39),
        )

    rounds = await asyncio.gather(
        *(retention.round_of(handoff_sessions, PLUMBING, settings()) for _ in range(3))
    )
    assert sum(gone["outbox"] for gone in rounds) == 1
    async with handoff_sessions.begin() as session:
        await (await driver(session)).execute("DELETE FROM outbox_pending")
    assert (await retention.round_of(handoff_sessions, PLUMBING, settings(keep_outbox_days=0))).get(
        "outbox"
    ) is None
    assert (await retention.round_of(handoff_sessions, PLUMBING, settings()))["outbox"] == 2


async def test_upkeep_counts_what_went_and_measures_what_is_kept(
    handoff_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await of_all_ages(handoff_sessions)
    monkeypatch.setattr(retention, "BITE", 1)
    upkeep = Upkeep(settings(), PLUMBING)

    done = [await upkeep.keep_up(handoff_sessions)]
    while done[-1]:
        done.append(await upkeep.keep_up(handoff_sessions))

    assert sum(done) == 7
    assert len(done) > 2  # bite by bite
    page = telemetry.metrics_page().decode()
    assert 'leadloop_retention_cleared_total{kind="inbox"}' in page
    oldest = next(line for line in page.splitlines() if 'retention_oldest_seconds{kind="inbox"}' in line)
    assert 59 * 86_400 <= float(oldest.split()[1]) < 60 * 86_400


@pytest.mark.parametrize(
    ("name", "days", "least"),
    [
        ("keep_outbox_days", 28, 29),
        ("keep_inbox_days", 30, 31),
        ("keep_answers_days", 1, 2),
    ],
)
def test_fewer_days_than_others_rest_on_stop_the_start(name: str, days: int, least: int) -> None:
    with pytest.raises(SettingsError, match=rf"{name.upper()} is {days}; set it to {least} or more, or to 0"):
        settings(**{name: days})
    assert getattr(settings(**{name: least}), name) == least
    assert getattr(settings(**{name: 0}), name) == 0
