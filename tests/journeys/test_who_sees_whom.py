"""A person is shown to whom they are in hand, and to nobody who has let them go."""

from typing import Any

from tests.journeys.story import lead_of, offer_of, send_lead, team_with, token
from tests.support.loop import Loop, until

REACHED = ("email", "phone")


async def test_a_rep_sees_whom_they_hold_and_nobody_else(loop: Loop) -> None:
    kai, lou = f"rep-{token()}", f"rep-{token()}"
    await team_with(loop, lou)
    await team_with(loop, kai)
    domain = f"{token()}-gmbh.com"

    async def as_(who: str, method: str, service: str, path: str, body: Any = None, **more: Any) -> Any:
        return await loop.call(method, service, path, body, roles=("rep",), subject=who, **more)

    async def offered(name: str) -> dict[str, Any]:
        sent = await send_lead(loop, email=f"{name}@{domain}", given_name=name)
        return await offer_of(loop, (await lead_of(loop, sent))["lead_id"])

    kim, eva = await offered("kim"), await offered("eva")
    page = f"/v1/assignments/{kim['id']}"
    shown = (await as_(kai, "GET", "handoff", page))["contact"]
    reached = [shown[one] for one in REACHED]
    assert (shown["status"], shown["name"][:3], reached) == ("offered", "kim", [None, None])
    assert (await as_(lou, "GET", "handoff", page, expect=404))["status"] == 404

    taken = (await as_(kai, "POST", "handoff", f"{page}/accept"))["contact"]
    assert (taken["status"], taken["email"]) == ("available", f"kim@{domain}")
    assert taken["phone"].startswith("+4930")

    # Who declines has seen a name, and has no way round the decision.
    await as_(kai, "POST", "handoff", f"/v1/assignments/{eva['id']}/decline", {"reason": "busy"})

    async def gone() -> bool:
        card = (await as_(kai, "GET", "handoff", f"/v1/assignments/{eva['id']}"))["contact"]
        return bool(card["status"] == "withheld" and card["name"] is None)

    await until(gone, "a declined lead is shown no more")
    await loop.quiet()
    ids = {name: offer["lead"]["contact_id"] for name, offer in (("kim", kim), ("eva", eva))}
    company = kim["lead"]["company_id"]

    def deal(name: str, **more: Any) -> dict[str, Any]:
        return {"contact_ids": [ids[name]], **more}

    refused = [(lou, deal("kim")), (lou, deal("kim", company_id=company)), (kai, deal("eva"))]
    for who, wanted in refused:
        assert (await as_(who, "POST", "sales", "/v1/deals", wanted, expect=422))["status"] == 422
    strangers = f"/v1/contacts/{ids['kim']}"
    assert (await as_(lou, "GET", "marketing", strangers, expect=404))["status"] == 404
    await as_(kai, "GET", "marketing", strangers)
    mine = await as_(kai, "POST", "sales", "/v1/deals", deal("kim"))
    [card] = (await as_(kai, "GET", "sales", f"/v1/deals/{mine['id']}"))["contacts"]
    assert card["email"] == f"kim@{domain}"
