"""Nothing stops intake: poison to its reader, or to its transaction, is set aside, and the others flow."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from services.marketing.capture.connectors import registry
from services.marketing.capture.deliveries import claims
from services.marketing.capture.deliveries import queries as deliveries
from services.marketing.capture.submissions import jobs, reading, use_cases
from services.marketing.funnel.leads import use_cases as leads
from shared.database.sessions import Sessions, driver
from tests.marketing.capture.house import balance, lapse, new_form, set_aside, submit, work_off
from tests.marketing.capture.submissions import poison
from tests.support.keys import Keys


@pytest.fixture(autouse=True)
async def a_reader_of_poison(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Connectors that choke on poison, in this process and in the one beside; no pause between tries."""
    reader = reading.Reader()
    monkeypatch.setenv("FORM_BURST", "1000000")  # one address plays everybody
    monkeypatch.setattr(reading, "serve", poison.serve)
    monkeypatch.setattr(reading, "_reader", reader)
    monkeypatch.setattr(reading, "PATIENCE", 1.0)
    monkeypatch.setattr(registry, "read", poison.read)
    monkeypatch.setattr(claims, "PAUSE", timedelta())
    monkeypatch.setattr(claims, "MOST_ATTEMPTS", 4)
    yield
    reader.stop()


@pytest.mark.parametrize("kind", poison.KINDS)
async def test_poison_is_set_aside_with_its_reason(
    kind: str, marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    bad = await submit(marketing, form, {"email": "p@b.co", "message": f"poison-{kind} {poison.LARGE}"})
    for number in range(3):
        await submit(marketing, form, {"email": f"good{number}@b.co"})

    await work_off(marketing_sessions)

    assert await set_aside(marketing_sessions) == {poison.REASONS[kind]: 1}
    sums = await balance(marketing, keys)
    assert (sums["submissions"]["created"], sums["deliveries"]["pending"], sums["holds"]) == (3, 0, True)
    # Nobody is told it is not there: it was promised, and can be replayed.
    path = f"/v1/submissions/{bad.json()['submission_id']}"
    shown = (await marketing.get(path, headers=keys.as_("analyst"))).json()
    assert (shown["state"], shown["reason"]) == ("quarantined", poison.REASONS[kind])


async def test_twenty_at_once_hold_back_nobody(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    kinds = list(poison.KINDS)
    bad = [
        {"email": f"p{n}@b.co", "message": f"poison-{kinds[n % len(kinds)]} {poison.LARGE}"}
        for n in range(20)
    ]
    good = [{"email": f"good{n}@b.co", "message": "x" * (20_000 if n % 50 == 0 else 9)} for n in range(500)]
    for bodies in (good[:250], bad, good[250:]):
        await asyncio.gather(*(submit(marketing, form, body) for body in bodies))

    while await jobs.read_deliveries(marketing_sessions):
        pass
    sums = await balance(marketing, keys)
    assert sums["submissions"]["created"] == 490  # the small ones do not even wait for the large
    await work_off(marketing_sessions)  # which would never end if it read the sleepers itself

    expected = Counter(poison.REASONS[kinds[n % len(kinds)]] for n in range(20))
    assert await set_aside(marketing_sessions) == expected
    sums = await balance(marketing, keys)
    assert (sums["submissions"]["created"], sums["deliveries"]["pending"], sums["holds"]) == (500, 0, True)
    async with marketing_sessions() as session:
        backlog = await deliveries.backlog(await driver(session))
    assert (backlog.pending, backlog.oldest_seconds, backlog.set_aside) == (0, 0, 20)


async def _terminate(session: Any) -> None:
    """What an administrator, a timeout or the kernel does to a session in the middle of its transaction."""
    connection = await driver(session)
    url = session.bind.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    other = await asyncpg.connect(url)
    await other.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
    await other.close()
    await connection.fetch("SELECT 1")


@pytest.mark.parametrize(
    ("times", "made", "reasons"), [(1, 60, {}), (99, 59, {"gave_up": 1})], ids=["once", "for one, always"]
)
async def test_a_session_that_ends_in_its_transaction_is_not_tried_for_ever(
    times: int,
    made: int,
    reasons: dict[str, int],
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, left = leads.register, [times]

    async def ends_for_one(session: Any, arrivals: Any, *, now: Any) -> Any:
        if left[0] and any(arrival.answers.get("deadly") for arrival in arrivals):
            left[0] -= 1
            await _terminate(session)
        return await real(session, arrivals, now=now)

    monkeypatch.setattr(leads, "register", ends_for_one)
    form = await new_form(marketing, keys)
    for number in range(60):
        deadly = {"deadly": "1"} if number == 30 else {}
        await submit(marketing, form, {"email": f"a{number}@b.co", **deadly})

    await work_off(marketing_sessions)

    assert await set_aside(marketing_sessions) == reasons
    sums = await balance(marketing, keys)
    assert (sums["submissions"]["created"], sums["deliveries"]["pending"], sums["holds"]) == (made, 0, True)


async def test_what_ends_its_worker_again_and_again_is_given_up(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WorkerDied(BaseException):
        """As if the process were gone: nothing after it happens."""

    real = use_cases.process_submissions

    async def dies_for_one(session: Any, items: Any, *, now: Any) -> Any:
        if any(item.lead.answers.get("deadly") for item in items):
            raise WorkerDied
        return await real(session, items, now=now)

    monkeypatch.setattr(jobs, "process_submissions", dies_for_one)
    form = await new_form(marketing, keys)
    for number in range(60):
        await submit(
            marketing, form, {"email": f"a{number}@b.co", **({"deadly": "1"} if number == 3 else {})}
        )

    deaths = 0
    while True:
        try:
            await work_off(marketing_sessions)
        except WorkerDied:
            deaths += 1
        if not await lapse(marketing_sessions):
            break

    assert deaths == claims.MOST_ATTEMPTS
    assert await set_aside(marketing_sessions) == {"gave_up": 1}
    sums = await balance(marketing, keys)
    assert (sums["submissions"]["created"], sums["holds"]) == (59, True)
