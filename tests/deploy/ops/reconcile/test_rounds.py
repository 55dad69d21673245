"""What is on its way is no difference: only what stays is told."""

import asyncio
import itertools

import asyncpg
import pytest

from deploy.ops.reconcile import reconcile
from deploy.ops.reconcile.comparing import Compared
from deploy.ops.reconcile.equations import EQUATIONS
from deploy.ops.reconcile.findings import Difference
from deploy.ops.reconcile.rounds import _settle, _Suspect
from deploy.ops.reconcile.servers import opened
from tests.deploy.ops.reconcile.conftest import Company

ONE = EQUATIONS[0]


def compared(*differences: Difference) -> Compared:
    return Compared(10, 10, len(differences), differences)


def settled(first: Compared, *later: Compared) -> list[str]:
    """The keys reported after these readings, the lag having passed before each of the later ones."""
    suspect = _Suspect(ONE, first, first)
    for before, now in itertools.pairwise((first, *later)):
        suspect.last = now
        _settle(suspect, before, final=now is later[-1], arrived=True)
    return [one.key for one in suspect.staying]


def test_what_has_arrived_meanwhile_is_not_told() -> None:
    assert settled(compared(Difference("a", "1", None)), compared()) == []


def test_what_differs_for_the_first_time_is_on_its_way_itself() -> None:
    assert settled(compared(Difference("a", "1", None)), compared(Difference("b", "1", None))) == []


def test_what_stays_is_told() -> None:
    stays = Difference("a", "1", None)

    assert settled(compared(stays), compared(stays, Difference("b", "1", None))) == ["a"]


def test_a_key_that_moves_on_both_sides_is_busy_and_one_that_moves_on_one_side_is_stuck() -> None:
    first = compared(Difference("busy", "5", "4"), Difference("stuck", "5", "4"))
    later = compared(Difference("busy", "9", "8"), Difference("stuck", "9", "4"))

    assert settled(first, later) == ["stuck"]


@pytest.mark.timeout(300)
async def test_an_event_that_arrives_within_the_patience_leaves_no_difference(company: Company) -> None:
    lead = company.ids["lost_lead"]
    [row] = await company.change(
        "marketing",
        "UPDATE lead_cycles SET accepted_at = NULL WHERE lead_id = $1::uuid RETURNING rep_id",
        lead,
    )
    assert row
    # An event that waits in the outbox keeps the reader looking, until it has been sent.
    [staged] = await company.change(
        "handoff", "INSERT INTO outbox_pending SELECT id, created_at FROM outbox LIMIT 1 RETURNING id"
    )

    async def arrive() -> None:
        await asyncio.sleep(2)
        await company.change(
            "marketing", "UPDATE lead_cycles SET accepted_at = now() WHERE lead_id = $1::uuid", lead
        )
        await company.change("handoff", "DELETE FROM outbox_pending WHERE id = $1", staged["id"])

    looking = asyncio.create_task(
        reconcile(company.addresses, patience=60, within=None, only=["followed", "loads"])
    )
    await arrive()
    findings = await looking

    assert findings.holds, findings.summary()
    assert findings.rounds > 1


@pytest.mark.timeout(300)
async def test_a_thousand_differences_are_counted_and_the_first_are_named(company: Company) -> None:
    await company.change(
        "handoff",
        "INSERT INTO turns (team_id, band, number, kind, rep_id, lead_id) SELECT team_id, 'warm', n, "
        "'assigned', rep_id, lead_id FROM (SELECT * FROM turns LIMIT 1) t, generate_series(1, 2500) AS n",
    )

    findings = await reconcile(company.addresses, patience=1, within=None, only=["turns"])

    line = findings.line("turns")
    assert (line.count, len(line.differences)) == (2500, 1000)


@pytest.mark.timeout(300)
async def test_a_parked_event_explains_what_is_missing_and_a_discarded_one_excuses_it(
    company: Company,
) -> None:
    lead = company.ids["offered_lead"]
    await company.change("handoff", "DELETE FROM leads WHERE lead_id = $1::uuid", lead)
    await company.change(
        "handoff",
        "INSERT INTO parked_events (event_id, topic, part, off, key, type, data, reason) VALUES "
        "(gen_random_uuid(), 'marketing.leads', 0, 0, $1::text, 'x', '{}', 'invalid')",
        lead,
    )
    parked = await reconcile(company.addresses, patience=1, within=None, only=["qualified"])
    await company.change("handoff", "UPDATE parked_events SET state = 'discarded'")
    discarded = await reconcile(company.addresses, patience=1, within=None, only=["qualified"])

    [difference] = parked.line("qualified").differences
    assert difference.why == "its event is parked in handoff"
    assert difference.remedy == f"leadloop parked retry-key handoff marketing.leads {lead}"
    assert (discarded.holds, discarded.line("qualified").excused) == (True, 1)


@pytest.mark.timeout(300)
async def test_servers_that_hash_differently_are_read_entry_by_entry(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A session's own search path would do; a probe that never gives the same answer is the shortest way.
    monkeypatch.setattr("deploy.ops.reconcile.servers.PROBE", "SELECT (random() * 1e15)::bigint")

    findings = await reconcile(company.addresses, patience=1, within=None)

    assert findings.holds, findings.summary()


@pytest.mark.timeout(300)
async def test_it_can_not_write(company: Company) -> None:
    async with opened(company.addresses.databases) as databases:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with databases.reading("sales") as connection:
                await connection.execute("DELETE FROM deals")
