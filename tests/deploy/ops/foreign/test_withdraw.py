"""Forged events on a running stack: named by reconcile, taken back by one command, and all is as before."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from deploy.ops.reconcile import Addresses, reconcile
from deploy.ops.recovery import foreign
from deploy.ops.recovery.foreign import NotForeignError
from shared import clock
from tests.deploy.ops.foreign import forging
from tests.deploy.ops.foreign.forging import forge
from tests.deploy.ops.reconcile.life import live
from tests.deploy.ops.test_operators import leadloop
from tests.support.keys import Keys
from tests.support.loop import Loop, running_loop


@pytest.fixture(scope="module")
async def lived(
    keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Loop, dict[str, str]]]:
    async with running_loop(keys, tmp_path_factory.mktemp("foreign")) as loop:
        ids = await live(loop)
        await loop.quiet()
        yield loop, ids


def addresses_of(loop: Loop) -> Addresses:
    return Addresses(loop.databases, loop.bootstrap, loop.prefix)


async def broken(loop: Loop) -> set[str]:
    findings = await reconcile(addresses_of(loop), patience=3, within=None)
    return set(findings.broken)


async def revenue(loop: Loop) -> Any:
    sql = (
        "SELECT currency, model, sum(revenue_minor)::bigint AS minor FROM campaign_days "
        "WHERE basis = 'closed' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return await loop.rows("marketing", sql)


async def what_is_kept(loop: Loop, *, but_of: UUID) -> dict[str, Any]:
    """What forged events change, in every service; without moments that a second hearing makes anew. Of the
    lead nobody had accepted, sales has opened and closed a deal meanwhile: that stays, as a fact.
    """
    return {
        "revenue": [row for row in await revenue(loop) if row["minor"]],
        "cycles": await loop.rows(
            "marketing",
            "SELECT lead_id, cycle, stage, handoff_version, rep_id, assigned_at, accepted_at, returned_at, "
            "deal_id, sql_at, opportunity_at, closed_at, outcome FROM lead_cycles ORDER BY 1, 2",
        ),
        "log": await loop.rows(
            "marketing", "SELECT lead_id, cycle, stage, at, reason FROM lifecycle_log ORDER BY 1, 2, 4, 3"
        ),
        "copies": await loop.rows(
            "marketing",
            "SELECT deal_id, version, outcome, amount_minor, currency, reporting_amount_minor, stage "
            "FROM deals WHERE lead_id IS DISTINCT FROM $1 ORDER BY 1",
            but_of,
        ),
        "deal_days": await loop.rows("marketing", "SELECT * FROM deal_days WHERE deals <> 0 ORDER BY 1, 2"),
        "rates": await loop.rows(
            "marketing", "SELECT base, quote, valid_on, rate, version FROM exchange_rates ORDER BY 1, 2, 3"
        ),
        "handoff": await loop.rows(
            "handoff", "SELECT * FROM deals WHERE lead_id <> $1 ORDER BY deal_id", but_of
        ),
        "leads": await loop.rows(
            "handoff",
            "SELECT lead_id, state, rep_id FROM leads WHERE withdrawn_because IS NULL ORDER BY 1, cycle",
        ),
        "levels": await loop.rows("handoff", "SELECT rep_id, band, due - received AS level FROM standings"),
        "loads": await loop.rows("handoff", "SELECT rep_id, open_leads FROM loads ORDER BY 1"),
        "reps": await loop.rows(
            "sales", "SELECT id, subject, display_name, team_id, active, version FROM reps ORDER BY 1"
        ),
        "deals": await loop.rows(
            "sales",
            "SELECT id, state, version, reporting_minor FROM deals d WHERE NOT EXISTS (SELECT FROM "
            "withdrawn_leads w WHERE w.lead_id = d.lead_id) ORDER BY id",
        ),
    }


@pytest.mark.timeout(300)
async def test_what_forged_events_did_is_taken_back_everywhere(lived: tuple[Loop, dict[str, str]]) -> None:
    loop, ids = lived
    assert await broken(loop) == set()
    nobody, never_was, never_taken = (clock.new_id() for _ in range(3))
    before = await what_is_kept(loop, but_of=never_taken)
    [true_rep] = (await loop.rows("handoff", "SELECT min(id::text)::uuid AS id FROM reps"))[0].values()
    open_lead = UUID(ids["open_lead"])

    forged = await forge(
        loop,
        forging.opened(nobody),
        forging.closed(nobody, 77_700_000),
        forging.closed(ids["open_deal"], 1_000_000_00, version=50, lead_id=open_lead, cycle=1, origin="lead"),
        forging.closed(ids["won_deal"], 5_00, version=60, lead_id=ids["won_lead"], cycle=1, origin="lead"),
        forging.qualified(never_was),
        forging.accepted(never_taken),
        forging.assigned(ids["open_lead"]),
        forging.rep(true_rep),
        forging.rep(clock.new_id()),
        forging.rate("USD", "17"),
        forging.rate("CHF", "3"),
    )
    await loop.quiet()
    assert {
        "foreign",
        "deals",
        "revenue",
        "closings",
        "qualified",
        "accepted",
        "reps",
        "rates",
    } <= await broken(loop)

    found = await foreign.find(addresses_of(loop), None)
    assert {str(one.event.id) for one in found} == set(forged)
    assert all(one.handled_by for one in found)
    done = await foreign.withdraw(addresses_of(loop), found)
    await loop.quiet()

    findings = await reconcile(addresses_of(loop), patience=10, within=None)
    assert findings.holds, findings.summary()
    assert findings.line("foreign").excused == len(forged)
    assert await what_is_kept(loop, but_of=never_taken) == before
    assert {one.service: one.given_up for one in done} == {"marketing": 10, "handoff": 5, "sales": 5}
    assert await foreign.find(addresses_of(loop), None) == [], "they are withdrawn once"


@pytest.fixture
def operator(lived: tuple[Loop, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    loop, _ = lived
    for service, url in loop.databases.items():
        monkeypatch.setenv(f"{service.upper()}_DATABASE_URL", url)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", loop.bootstrap)
    monkeypatch.setenv("TOPIC_PREFIX", loop.prefix)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("operator")
async def test_a_lead_never_taken_back_waits_for_a_rep_again(lived: tuple[Loop, dict[str, str]]) -> None:
    loop, ids = lived
    [event] = await forge(loop, forging.withdrawn(ids["offered_lead"]))
    await loop.quiet()
    assert {"foreign", "withdrawn", "withdrawn_in_sales"} <= await broken(loop)

    shown = await leadloop("events", "withdraw", "--foreign", "--dry-run")
    assert (event in shown.stdout, "handoff, sales" in shown.stdout, shown.exit_code) == (True, True, 0)
    assert "withdrawn" in await broken(loop), "a dry run changes nothing"
    assert (await leadloop("events", "withdraw", event)).exit_code == 1, (
        "these servers are not the local stack"
    )
    assert (await leadloop("events", "withdraw")).exit_code == 2
    done = await leadloop("events", "withdraw", event, "--yes", "--anywhere")
    assert ("handoff: 1 taken back" in done.stdout, done.exit_code) == (True, 0), done.output

    assert await broken(loop) == set()
    [lead] = await loop.rows(
        "handoff", "SELECT state, withdrawn_at FROM leads WHERE lead_id = $1::uuid", ids["offered_lead"]
    )
    assert lead["withdrawn_at"] is None
    assert lead["state"] in ("pool", "offered", "returned")


async def test_events_of_ours_and_events_that_are_not_there_are_refused(
    lived: tuple[Loop, dict[str, str]],
) -> None:
    loop, _ = lived
    [row] = await loop.rows("sales", "SELECT event_id FROM outbox ORDER BY id LIMIT 1")

    with pytest.raises(NotForeignError, match="in the log of sales"):
        await foreign.find(addresses_of(loop), [row["event_id"]])
    with pytest.raises(NotForeignError, match="no topic has"):
        await foreign.find(addresses_of(loop), [clock.new_id()])
