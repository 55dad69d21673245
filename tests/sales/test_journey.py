"""The way of a deal from the accepted lead to the corrected win."""

from typing import Any

from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, euros, told


async def test_a_lead_becomes_a_won_deal(sales_sessions: Sessions, deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    assert (deal["state"], deal["stage"], deal["opportunity_at"]) == ("open", "new", None)

    steps = [
        await ana.post(f"{path}/stage", {"stage": "discovery"}),
        await ana.patch(path, {"amount": euros("1200.00")}),
        await ana.post(f"{path}/stage", {"stage": "proposal"}),
        await ana.post(f"{path}/win"),
    ]

    assert codes(steps) == [200] * 4
    assert steps[-1].json()["reporting_amount"] == euros("1200.00")
    facts = await told(sales_sessions, deal["id"])
    assert [type(fact).__name__ for fact in facts] == [
        "DealOpened",
        "DealStageChanged",
        "DealStageChanged",
        "DealClosed",
    ]
    assert [fact.version for fact in facts] == [1, 2, 3, 4]
    assert [facts[1].became_opportunity, facts[2].became_opportunity] == [True, False]
    closed = facts[-1]
    assert (closed.outcome, closed.amount_minor, closed.reporting_amount_minor) == ("won", 120000, 120000)
    assert (closed.lead_id, closed.cycle, closed.rate) == (facts[0].lead_id, 1, "1")
