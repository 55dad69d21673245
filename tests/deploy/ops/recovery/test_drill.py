"""Backups that were restored, and what came after them caught up."""

from pathlib import Path

import pytest

from deploy.ops.reconcile import Addresses, reconcile
from tests.deploy.ops.test_operators import leadloop
from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support import steward
from tests.support.databases import empty_database
from tests.support.loop import Loop, until


@pytest.mark.timeout(400)
async def test_a_restored_handoff_catches_up_with_what_marketing_and_sales_told_since(
    loop: Loop, tmp_path: Path
) -> None:
    rep = f"rep-{token()}"
    await team_with(loop, rep)
    old = await lead_of(loop, await send_lead(loop))
    await accept(loop, await offer_of(loop, old["lead_id"]), rep)
    deal = await deal_of(loop, old["lead_id"])
    await loop.quiet()
    drilled = await leadloop(
        "drill", "--admin-url", steward.address_of("postgres"), "--keep", str(tmp_path / "b")
    )
    assert drilled.exit_code == 0, drilled.output
    assert "equations hold" in drilled.output
    assert "handoff: 0 events of the others would be caught up; nothing of its own" in drilled.output

    # The day goes on, with handoff's worker down: it decides nothing that the backup does not have.
    loop.kill("handoff-worker")
    await win(loop, deal["id"], "100.00")
    new = await lead_of(loop, await send_lead(loop))
    again = await leadloop("drill", "--admin-url", steward.address_of("postgres"))
    assert again.exit_code == 1, "handoff was behind when the dumps were made, and they show it"
    assert "handoff: 2 events of the others would be caught up" in again.output

    # Its database is lost, and restored as it was.
    loop.kill("handoff-api")
    async with empty_database("handoff") as url:
        loop.databases["handoff"] = url
        done = await leadloop(
            "restore", "handoff", "--from", str(tmp_path / "b"), "--into", url, "--yes", "--anywhere"
        )
        assert done.exit_code == 0, done.output
        [advice] = [line.strip() for line in done.output.splitlines() if "leadloop rebuild" in line]
        loop.start("handoff-worker", "handoff-api")
        await loop.ready("handoff-worker", "handoff-api")

        arguments = advice.removeprefix("leadloop ").split()
        caught_up = await leadloop(*arguments, "--yes", "--anywhere", "--no-wait")

        assert caught_up.exit_code == 0, caught_up.output
        assert (await offer_of(loop, new["lead_id"]))["state"] == "offered"

        async def freed() -> bool:
            rows = await loop.rows(
                "handoff", "SELECT state FROM assignments WHERE lead_id = $1::uuid", old["lead_id"]
            )
            return [row["state"] for row in rows] == ["closed"]

        await until(freed, "handoff heard that the deal was won")
        await loop.quiet()
        findings = await reconcile(
            Addresses(loop.databases, loop.bootstrap, loop.prefix), patience=5, within=None
        )
        assert findings.holds, findings.summary()
        loop.stop()


@pytest.mark.timeout(300)
async def test_what_a_service_told_itself_after_the_backup_is_gone_and_said_to_be(
    loop: Loop, tmp_path: Path
) -> None:
    rep = f"rep-{token()}"
    await team_with(loop, rep)
    await loop.quiet()
    kept = tmp_path / "kept"
    assert (await leadloop("backup", "--to", str(kept))).exit_code == 0
    lead = await lead_of(loop, await send_lead(loop))
    await accept(loop, await offer_of(loop, lead["lead_id"]), rep)
    await deal_of(loop, lead["lead_id"])
    await loop.quiet()
    loop.stop()

    async with empty_database("handoff") as url:
        live = loop.databases["handoff"]
        restored = await leadloop(
            "restore", "handoff", "--from", str(kept), "--into", url, "--yes", "--anywhere"
        )
        twice = await leadloop(
            "restore", "handoff", "--from", str(kept), "--into", live, "--yes", "--anywhere"
        )
        findings = await reconcile(
            Addresses({**loop.databases, "handoff": url}, loop.bootstrap, loop.prefix),
            patience=1,
            within=None,
        )

    assert restored.exit_code == 0, restored.output
    assert (twice.exit_code, "is not empty" in twice.output) == (1, True)
    # The lead can be caught up; that it was accepted is known to the others only.
    assert {"qualified", "accepted", "followed", "delivered_marketing_handoff", "foreign"} <= set(
        findings.broken
    )
    assert lead["lead_id"] in findings.summary()


async def test_a_backup_that_is_none_and_a_folder_that_exists_are_refused(tmp_path: Path) -> None:
    nothing = await leadloop("restore", "sales", "--from", str(tmp_path), "--yes", "--anywhere")
    there = await leadloop("backup", "--to", str(tmp_path))

    assert (nothing.exit_code, there.exit_code) == (1, 1)
    assert "exists already" in there.output
