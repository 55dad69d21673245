"""A rep who has left has nothing any more: no lists, no answers, no cards."""

from typing import Any

import pytest

from shared.auth.access import INACTIVE
from tests.handoff.samples import House, lead_qualified

ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accept", {}),
    ("decline", {"reason": "busy"}),
    ("first-response", {"channel": "call"}),
    ("return", {"reason": "duplicate"}),
)


@pytest.mark.parametrize(("act", "body"), ACTS)
async def test_an_inactive_rep_answers_for_nothing(house: House, act: str, body: dict[str, Any]) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)
    if act in ("first-response", "return"):
        await house.answer(lead, "accept")
    told = len(await house.told())
    await house.done("admin", "boss", "PATCH", f"/v1/reps/{ana}", json={"active": False})
    path = f"/v1/assignments/{offer['id']}"

    refused = await house.call("rep", "ana", "POST", f"{path}/{act}", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (403, INACTIVE)
    assert (await house.call("rep", "ana", "GET", path)).status_code == 404
    for everything in ("/v1/assignments", "/v1/reps", "/v1/teams"):
        assert (await house.done("rep", "ana", "GET", everything))["items"] == []
    assert "lead_accepted" not in (await house.told_types())[told:]

    await house.done("admin", "boss", "PATCH", f"/v1/reps/{ana}", json={"active": True})
    again = await house.call("rep", "ana", "POST", f"{path}/{act}", json=body)
    assert again.is_success, again.text
