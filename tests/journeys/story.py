"""What people do in a journey, as functions that read like sentences."""

from typing import Any

from shared import clock
from tests.support.loop import Loop, until

DOMAIN = "planted-person.example"


def token() -> str:
    """A word nobody else uses."""
    return clock.new_id().hex[-12:]


async def team_with(loop: Loop, *subjects: str, **settings: Any) -> dict[str, Any]:
    """A team whose reps get every lead."""
    team = await loop.call("POST", "handoff", "/v1/teams", {"name": f"Team {token()}", **settings})
    for subject in subjects:
        body = {
            "subject": subject,
            "display_name": subject.title(),
            "team_id": team["id"],
            "capacity": 100_000,
        }
        await loop.call("POST", "handoff", "/v1/reps", body)
    rules = await loop.call("GET", "handoff", "/v1/routing-rules")
    await loop.call(
        "PUT", "handoff", "/v1/routing-rules", {"rules": [{"name": "everything", "team_id": team["id"]}]},
        headers={"If-Match": f'"{rules["version"]}"'},
    )  # fmt: skip
    return dict(team)


async def send_lead(loop: Loop, **fields: Any) -> str:
    """One hand-raiser through the servers' door; returns the submission's id."""
    person = token()
    body = {
        "email": f"{person}@{DOMAIN}",
        "given_name": "Plantedname",
        "family_name": f"Fam{person}",
        "phone": "+4930" + str(int(person[:6], 16)).zfill(8)[:8],
        "company": "Muster GmbH",
        "country": "DE",
        "hand_raiser": True,
    }
    answer = await loop.call("POST", "marketing", "/v1/leads", body | fields, expect=202)
    return str(answer["submission_id"])


async def lead_of(loop: Loop, submission_id: str) -> dict[str, Any]:
    """The submission once it has become a lead."""

    async def processed() -> Any:
        rows = await loop.rows(
            "marketing",
            "SELECT lead_id::text, state FROM submissions WHERE id = $1::uuid AND state <> 'pending'",
            submission_id,
        )
        return rows[0] if rows else None

    found: dict[str, Any] = await until(processed, f"submission {submission_id} became a lead")
    return found


async def offer_of(loop: Loop, lead_id: str) -> dict[str, Any]:
    """The lead's open offer, once it has one."""

    async def offered() -> Any:
        page = await loop.call("GET", "handoff", f"/v1/assignments?lead_id={lead_id}&state=offered")
        return page["items"][0] if page["items"] else None

    found: dict[str, Any] = await until(offered, f"lead {lead_id} was offered")
    return found


async def accept(loop: Loop, offer: dict[str, Any], subject: str) -> None:
    await loop.call(
        "POST",
        "handoff",
        f"/v1/assignments/{offer['id']}/accept",
        roles=("rep",),
        subject=subject,
        expect=200,
    )


async def deal_of(loop: Loop, lead_id: str) -> dict[str, Any]:
    """The deal the lead's acceptance has opened, once it has."""

    async def opened() -> Any:
        page = await loop.call("GET", "sales", f"/v1/deals?lead_id={lead_id}")
        return page["items"][0] if page["items"] else None

    found: dict[str, Any] = await until(opened, f"lead {lead_id} has a deal")
    return found


async def win(loop: Loop, deal_id: str, amount: str, currency: str = "EUR") -> dict[str, Any]:
    """Through the pipeline to the win."""
    await loop.call("POST", "sales", f"/v1/deals/{deal_id}/stage", {"stage": "discovery"}, expect=200)
    won = await loop.call(
        "POST", "sales", f"/v1/deals/{deal_id}/win",
        {"amount": {"amount": amount, "currency": currency}}, expect=200,
    )  # fmt: skip
    return dict(won)
