"""Two teams, and an accepted lead with its deal and an activity that belong to one of them."""

from dataclasses import dataclass

from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token
from tests.support.loop import Loop


@dataclass(frozen=True, slots=True)
class Owned:
    """What is ana's, by its place in a path, and who comes for it: role, subject, whether it is theirs."""

    ids: dict[str, str]
    people: tuple[tuple[str, str, bool], ...]


async def somebodys(loop: Loop) -> Owned:
    """Through the loop's own doors: a lead is sent, routed to ana, accepted, and becomes her deal."""
    run = token()
    ana, nora, mia, noa = (f"{name}-{run}" for name in ("ana", "nora", "mia", "noa"))
    await team_with(loop, nora, manager_subject=noa)
    await team_with(loop, ana, manager_subject=mia)
    lead = await lead_of(loop, await send_lead(loop))
    offer = await offer_of(loop, lead["lead_id"])
    await accept(loop, offer, ana)
    deal = await deal_of(loop, lead["lead_id"])
    activity = await loop.call(
        "POST",
        "sales",
        f"/v1/deals/{deal['id']}/activities",
        {"kind": "demo", "due_at": "2030-01-01T10:00:00Z"},
    )
    sheet = f"/v1/activities/{activity['id']}/demo"
    await loop.call("PUT", "sales", sheet, {}, headers={"if-match": "*"}, expect=200)
    await loop.quiet()
    return Owned(
        {"{assignment_id}": offer["id"], "{deal_id}": deal["id"], "{activity_id}": activity["id"]},
        (
            ("rep", ana, True),
            ("rep", nora, False),
            ("sales_manager", mia, True),
            ("sales_manager", noa, False),
        ),
    )
