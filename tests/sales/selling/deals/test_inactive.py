"""A rep who has left has no deals any more; their manager has them."""

from typing import Any

import pytest

from shared.auth.access import INACTIVE
from shared.database.sessions import Sessions
from tests.sales.samples import ANA, BEN, Desk, codes, deliver, euros, rep_changed

COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/stage", {"stage": "demo"}),
    ("/win", {}),
    ("/lose", {"reason": "price"}),
    ("/activities", {"kind": "call", "due_at": "2030-12-01T10:00:00Z"}),
)


@pytest.mark.parametrize(("command", "body"), COMMANDS)
async def test_an_inactive_rep_does_nothing_to_a_deal(
    sales_sessions: Sessions, deal: dict[str, Any], ana: Desk, mia: Desk, command: str, body: dict[str, Any]
) -> None:
    path = f"/v1/deals/{deal['id']}"
    await deliver(sales_sessions, rep_changed(version=2, active=False))

    refused = await ana.post(path + command, body)
    assert (refused.status_code, refused.json()["detail"]) == (403, INACTIVE)
    assert codes([await ana.get(path), await ana.get(f"{path}/history")]) == [404, 404]
    for everything in ("/v1/deals", "/v1/activities"):
        assert (await ana.get(everything)).json()["items"] == []
    assert (await mia.get(path)).json()["state"] == "open"

    await deliver(sales_sessions, rep_changed(version=3))
    assert (await ana.get(path)).status_code == 200


async def test_nobody_opens_a_deal_for_an_inactive_rep(
    sales_sessions: Sessions, two_reps: None, ana: Desk, boss: Desk
) -> None:
    await deliver(sales_sessions, rep_changed(version=2, active=False))

    by_her = await ana.post("/v1/deals", {"amount": euros("5.00")})
    for_her = await boss.post("/v1/deals", {"rep_id": str(ANA), "amount": euros("5.00")})
    for_him = await boss.post("/v1/deals", {"rep_id": str(BEN), "amount": euros("5.00")})

    assert codes([by_her, for_her, for_him]) == [422, 422, 201]
    assert [answer.json()["errors"][0]["pointer"] for answer in (by_her, for_her)] == ["/rep_id"] * 2


async def test_who_is_a_rep_again_under_another_id_keeps_what_was_theirs(
    sales_sessions: Sessions, deal: dict[str, Any], ana: Desk
) -> None:
    again = rep_changed(BEN, version=2, subject="ana")
    await deliver(sales_sessions, rep_changed(version=2, active=False), again)

    assert (await ana.get(f"/v1/deals/{deal['id']}")).status_code == 200
