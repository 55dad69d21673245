"""Kafka loses everything, and the outbox logs fill it again."""

import pytest

from deploy.ops.reconcile import Addresses, reconcile
from services.topics import topic_names
from shared.messaging import topics
from tests.deploy.ops.recovery.states import states_of
from tests.deploy.ops.test_operators import leadloop
from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support.loop import Loop, until


async def lose_all_topics(loop: Loop) -> None:
    mine = [loop.prefix + name for name in topic_names()]
    async with topics.admin(loop.bootstrap) as admin:
        await admin.delete_topics(mine)

        async def gone() -> bool:
            return not set(mine) & set(await admin.list_topics())

        await until(gone, "the topics are gone")


async def nothing_waits_to_be_sent(loop: Loop) -> None:
    async def sent() -> bool:
        rows = [await loop.rows(name, "SELECT count(*) AS n FROM outbox_pending") for name in loop.databases]
        return not any(row[0]["n"] for row in rows)

    await until(sent, "everything has been sent")


@pytest.mark.timeout(400)
async def test_after_kafka_was_lost_all_is_as_before_and_what_was_missed_is_caught_up(loop: Loop) -> None:
    rep = f"rep-{token()}"
    await team_with(loop, rep)
    lead = await lead_of(loop, await send_lead(loop))
    await accept(loop, await offer_of(loop, lead["lead_id"]), rep)
    deal = await deal_of(loop, lead["lead_id"])
    await win(loop, deal["id"], "1234.57")
    missed = await lead_of(loop, await send_lead(loop))
    offer = await offer_of(loop, missed["lead_id"])
    await loop.quiet()
    loop.kill("sales-worker")
    await accept(loop, offer, rep)
    await nothing_waits_to_be_sent(loop)
    loop.stop()
    before = await states_of(loop)
    await lose_all_topics(loop)
    addresses = Addresses(loop.databases, loop.bootstrap, loop.prefix)
    lost = await reconcile(addresses, patience=1, within=None)
    assert "published" in lost.broken
    assert "leadloop rebuild --from DATE" in lost.summary()

    done = await leadloop("rebuild", "--from", "2020-01-01", "--yes", "--anywhere", "--no-wait")

    assert done.exit_code == 0, done.output
    assert "topics were made" in done.output
    loop.start("marketing-worker", "handoff-worker", "sales-worker", "sales-api")
    await loop.ready("marketing-worker", "handoff-worker", "sales-worker", "sales-api")
    assert (await deal_of(loop, missed["lead_id"]))["state"] == "open"
    await loop.quiet()
    loop.stop()
    findings = await reconcile(addresses, patience=5, within=None)
    assert findings.holds, findings.summary()
    after = await states_of(loop)
    changed = {
        (name, table)
        for name in before
        for table in before[name]
        if before[name][table] != after[name][table]
    }
    # Only what the missed acceptance leads to.
    assert changed == {
        ("sales", "deals"),
        ("sales", "outbox"),
        ("marketing", "deals"),
        ("marketing", "contact_holds"),
        ("marketing", "lead_cycles"),
    }
    assert {row["n"] for row in await loop.rows("sales", "SELECT count(*) AS n FROM deals")} == {2}


async def test_it_says_what_it_would_change_and_changes_nothing_without_a_yes(loop: Loop) -> None:
    refused = await leadloop("rebuild", "--from", "2020-01-01")
    asked = await leadloop("rebuild", "--from", "2020-01-01", "--anywhere")
    running = await leadloop("rebuild", "--from", "2020-01-01", "--anywhere", "--yes")
    nonsense = await leadloop("rebuild", "--from", "yesterday", "--anywhere")

    assert (refused.exit_code, "--anywhere" in refused.output) == (1, True)
    assert (asked.exit_code, "events to send again" in asked.output) == (1, True)
    assert (running.exit_code, "worker is running. Stop all workers first" in running.output) == (1, True)
    assert (nonsense.exit_code, "no day and no moment" in nonsense.output) == (2, True)
    await nothing_waits_to_be_sent(loop)
