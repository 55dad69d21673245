"""What happens in the company: a win, a refund, a loss, a return, a reopening, spam; two currencies."""

from typing import Any

from shared import clock
from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support.loop import Loop, until


async def live(loop: Loop) -> dict[str, str]:
    """Live it; returns the ids of leads and deals by what became of them."""
    rep = f"rep-{token()}"
    await team_with(loop, rep, f"rep-{token()}")
    campaign = await _campaign(loop)
    ids: dict[str, str] = {"campaign": campaign}
    for end in ("won", "refunded", "lost", "reopened", "returned", "open", "offered"):
        submission = ids[f"{end}_submission"] = await send_lead(loop, campaign_id=campaign)
        lead = await lead_of(loop, submission)
        ids[f"{end}_lead"] = lead["lead_id"]
        if end == "offered":
            continue
        offer = await offer_of(loop, lead["lead_id"])
        await accept(loop, offer, await _subject(loop, offer))
        deal = await deal_of(loop, lead["lead_id"])
        ids[f"{end}_deal"] = deal["id"]
        if end == "lost":
            await _given(loop, lead["lead_id"], deal["id"], offer)
        await _end(loop, end, deal["id"], offer)
        if end == "open":
            ids |= await _worked(loop, lead["lead_id"], deal)
    ids["withdrawn_lead"] = await _taken_back(loop)
    await _correct(loop)
    return ids


async def _given(loop: Loop, lead_id: str, deal_id: str, offer: dict[str, str]) -> None:
    """The deal goes to the other rep, who has lost it by the end."""
    reps = await loop.rows("handoff", "SELECT id FROM reps WHERE id <> $1::uuid AND active", offer["rep_id"])
    other = str(reps[0]["id"])
    body = {"rep_id": other, "why": "Speaks their language"}
    await loop.call("POST", "sales", f"/v1/deals/{deal_id}/owner", body, expect=200)

    async def has_it() -> bool:
        rows = await loop.rows(
            "handoff",
            "SELECT 1 FROM assignments WHERE lead_id = $1::uuid AND offered_to IS NOT NULL",
            lead_id,
        )
        return bool(rows)

    await until(has_it, "the lead goes along")


async def _worked(loop: Loop, lead_id: str, deal: dict[str, Any]) -> dict[str, str]:
    """The rep calls, and the person writes again."""
    call = {"kind": "call", "done_at": clock.now().isoformat(), "outcome": "connected"}
    made = await loop.call("POST", "sales", f"/v1/deals/{deal['id']}/activities", call)
    contact = await loop.call("GET", "marketing", f"/v1/contacts/{deal['contact_ids'][0]}")
    again = await send_lead(loop, email=contact["email"])

    async def is_shown() -> bool:
        rows = await loop.rows("sales", "SELECT 1 FROM activities WHERE submission_id = $1::uuid", again)
        return bool(rows)

    await until(is_shown, "what they sent again")
    return {"open_call": made["id"], "again_submission": again}


async def _paid(loop: Loop, path: str) -> None:
    """In two parts, the first of them mistyped, and a little of it paid back."""
    paid = {"amount": {"amount": "1000.00", "currency": "USD"}, "paid_on": "2026-01-05", "reference": "I1"}
    line = await loop.call("POST", "sales", path, paid)
    right = {"amount": {"amount": "100.00", "currency": "USD"}}
    await loop.call("POST", "sales", f"{path}/{line['id']}/correct", right)
    back = {"kind": "refund", "amount": {"amount": "0.57", "currency": "USD"}, "reference": "R1"}
    await loop.call("POST", "sales", path, paid | back)


async def _taken_back(loop: Loop) -> str:
    """Somebody fills in a form, and it was spam."""
    submission = await send_lead(loop)
    lead = await lead_of(loop, submission)
    await offer_of(loop, lead["lead_id"])
    wanted = {"ids": [submission], "reason": "spam"}
    await loop.call("POST", "marketing", "/v1/submissions/withdraw", wanted, expect=200)
    return str(lead["lead_id"])


async def _correct(loop: Loop) -> None:
    """A contact and a company, as the reps have heard it."""
    for path, fields in (("/v1/contacts", {"job_title": "CEO"}), ("/v1/companies", {"size": 50})):
        items = (await loop.call("GET", "marketing", path))["items"]
        for one in items[:1]:
            seen = {"if-match": f'"{one["version"]}"'}
            await loop.call("PATCH", "marketing", f"{path}/{one['id']}", fields, headers=seen)


async def _campaign(loop: Loop) -> str:
    channel = {"key": f"c{token()}", "name": "Search", "paid": True}
    await loop.call("POST", "marketing", "/v1/channels", channel)
    body = {"name": f"Spring {token()}", "channel": channel["key"]}
    rate = {"base": "USD", "quote": "EUR", "valid_on": "2020-01-01", "rate": "0.9"}
    await loop.call("POST", "sales", "/v1/exchange-rates", rate)
    await loop.call("POST", "sales", "/v1/exchange-rates", {**rate, "rate": "0.95"})
    return str((await loop.call("POST", "marketing", "/v1/campaigns", body))["id"])


async def _subject(loop: Loop, offer: dict[str, str]) -> str:
    reps = await loop.rows("handoff", "SELECT subject FROM reps WHERE id = $1::uuid", offer["rep_id"])
    return str(reps[0]["subject"])


async def _end(loop: Loop, end: str, deal: str, offer: dict[str, str]) -> None:
    path = f"/v1/deals/{deal}"
    if end in {"won", "refunded", "reopened"}:
        await win(loop, deal, "1234.57", "USD" if end == "won" else "EUR")
    if end == "won":
        await _paid(loop, f"{path}/payments")
    if end == "refunded":
        amount = {"amount": {"amount": "34.57", "currency": "EUR"}, "reason": "complaint"}
        await loop.call("POST", "sales", f"{path}/refunds", amount)
    if end == "reopened":
        await loop.call("POST", "sales", f"{path}/reopen", {}, expect=200)
    if end == "lost":
        await loop.call("POST", "sales", f"{path}/lose", {"reason": "price"}, expect=200)
    if end == "returned":
        body = {"reason": "not_a_fit"}
        await loop.call("POST", "handoff", f"/v1/assignments/{offer['id']}/return", body, expect=200)
