"""A campaign that is registered after its links went live (money.md 8)."""

from typing import Any

import pytest
from httpx import AsyncClient

from deploy.ops.reconcile.equations.leads import LEAD_DAYS
from services.marketing.funnel.leads import jobs
from services.marketing.funnel.leads.jobs import claim_earlier_touches
from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.acquisition.campaigns.test_api import add_campaign, add_channel
from tests.marketing.capture.house import new_form, submit, work_off
from tests.marketing.revenue.attribution.deals import Story, differing, fetch, nothing_is_off, store, touch
from tests.support.keys import Keys
from tests.support.samples import NOON, delivered

PERSON = {"email": "ana@muster-gmbh.com", "utm_campaign": "Late-UTM", "utm_medium": "email"}


async def unmatched(marketing: AsyncClient, keys: Keys) -> dict[tuple[str, str], int]:
    answer = await marketing.get("/v1/campaigns/unmatched", headers=keys.as_("analyst"))
    assert answer.status_code == 200, answer.text
    return {(one["kind"], one["value"]): one["touches"] for one in answer.json()["items"]}


async def sums_hold(sessions: Sessions) -> bool:
    async with sessions.begin() as session:
        assert await differing(session, LEAD_DAYS) == set()
    return await nothing_is_off(sessions)


async def by_campaign(marketing: AsyncClient, keys: Keys) -> dict[str, tuple[int, int, str]]:
    period = {"from": "2020-01-01", "to": "2030-01-01"}
    answer = await marketing.get("/v1/reports/roi", params=period, headers=keys.as_("analyst"))
    assert answer.status_code == 200, answer.text
    return {
        row["key"]: (row["leads"], row["mqls"], row["revenue"]["amount"]) for row in answer.json()["rows"]
    }


async def test_a_campaign_registered_later_gets_its_touches_leads_and_later_deals(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    await add_channel(marketing, keys)
    form = await new_form(marketing, keys, hand_raiser=True)
    await submit(marketing, form, PERSON)
    await submit(marketing, form, {"email": "other@muster-gmbh.com"})
    await work_off(marketing_sessions)
    [(contact_id, lead_id)] = await fetch(
        marketing_sessions,
        "SELECT contact_id, l.id FROM leads l JOIN contacts c ON c.id = contact_id WHERE email LIKE 'ana%'",
    )
    assert await by_campaign(marketing, keys) == {"no_campaign": (2, 2, "0.00")}
    assert await unmatched(marketing, keys) == {("utm", "late-utm"): 1}
    # One deal is closed before the campaign is there, one after.
    before, after = (Story(contact_id=contact_id, lead_id=lead_id) for _ in range(2))
    await store(marketing_sessions, touch(contact_id, NOON, utm={"campaign": "elsewhere"}, channel="direct"))
    await subscriptions.deliver(marketing_sessions, [delivered(before.closed(100))])

    campaign = (await add_campaign(marketing, keys, utm_campaign="late-utm"))["id"]

    assert await unmatched(marketing, keys) == {}
    touches = await fetch(marketing_sessions, "SELECT campaign_id, channel FROM touches ORDER BY channel")
    assert [(str(one), channel) for one, channel in touches if one] == [(campaign, "paid_search")]
    assert await by_campaign(marketing, keys) == {
        campaign: (1, 1, "0.00"),
        "no_campaign": (1, 1, "1.00"),
    }
    assert await sums_hold(marketing_sessions)
    assert (before.version, after.version) == (1, 0)


async def test_a_deal_closed_before_keeps_its_credits_when_it_is_corrected(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    await add_channel(marketing, keys)
    old, new = Story(), Story()
    utm = {"utm": {"campaign": "late"}, "channel": "email"}
    for story in (old, new):
        body = {
            "contact_id": None,
            "email": f"{story.deal_id.hex}@muster-gmbh.com",
            "kind": "page_view",
            "utm": {"campaign": "late", "medium": "email"},
            "occurred_at": NOON.isoformat(),
        }
        told = await marketing.post("/v1/touches", json=body, headers=keys.as_("marketer"))
        assert told.status_code == 201, told.text
        [(story.contact_id,)] = await fetch(
            marketing_sessions, "SELECT id FROM contacts WHERE email LIKE $1 || '%'", story.deal_id.hex
        )
    assert utm
    await subscriptions.deliver(marketing_sessions, [delivered(old.closed(100))])
    campaign = (await add_campaign(marketing, keys, utm_campaign="late"))["id"]

    await subscriptions.deliver(
        marketing_sessions, [delivered(old.amended(60, cause="refunded")), delivered(new.closed(500))]
    )

    assert await by_campaign(marketing, keys) == {
        campaign: (0, 0, "5.00"),
        "no_campaign": (0, 0, "0.60"),
    }
    assert await sums_hold(marketing_sessions)


@pytest.mark.parametrize(
    ("link", "names"),
    [
        ("utm_campaign=late", {"utm_campaign": "Late"}),
        ("gad_campaignid=77", {"external_ids": {"google_ads": ["77"]}}),
        ("utm_source=fb&utm_medium=paid&utm_id=78", {"external_ids": {"meta": ["78"]}}),
        ("hsa_cam=79&hsa_net=linkedin", {"external_ids": {"linkedin": ["79"]}}),
    ],
)
async def test_a_campaign_claims_by_any_of_its_names_also_when_it_gets_them_later(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, link: str, names: dict[str, Any]
) -> None:
    await add_channel(marketing, keys)
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "a@muster-gmbh.com", "landing_page": f"https://acme.com/?{link}"})
    await work_off(marketing_sessions)
    assert await unmatched(marketing, keys)
    campaign = await add_campaign(marketing, keys)

    changed = await marketing.patch(
        f"/v1/campaigns/{campaign['id']}", json=names, headers=keys.as_("marketer")
    )

    assert changed.status_code == 200, changed.text
    assert await unmatched(marketing, keys) == {}
    for table in ("touches", "leads", "lead_cycles"):
        [(found, channel)] = await fetch(marketing_sessions, f"SELECT campaign_id, channel FROM {table}")
        assert (str(found), channel) == (campaign["id"], "paid_search"), table
    assert await sums_hold(marketing_sessions)


async def test_what_is_left_is_claimed_in_batches_by_the_worker(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_channel(marketing, keys)
    form = await new_form(marketing, keys)
    for n in range(5):
        await submit(marketing, form, {**PERSON, "email": f"p{n}@muster-gmbh.com"})
    await work_off(marketing_sessions)
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "BATCH", 3)

    await add_campaign(marketing, keys, utm_campaign="late-utm")

    rounds = [await claim_earlier_touches(marketing_sessions) for _ in range(3)]
    assert rounds == [3, 1, 0]
    assert await fetch(marketing_sessions, "SELECT count(*) FROM leads WHERE campaign_id IS NULL") == [(0,)]
    assert await sums_hold(marketing_sessions)


async def test_unknown_ids_of_leads_are_listed(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    nobody = str(clock.new_id())
    leads = [{"email": "a@b.co", "campaign_id": nobody}, {"email": "c@b.co", "campaign_id": "crm 17"}]
    sent = await marketing.post("/v1/leads/batch", json={"leads": leads}, headers=keys.as_("marketer"))
    assert sent.status_code == 202
    await work_off(marketing_sessions)

    assert await unmatched(marketing, keys) == {("id", nobody): 1, ("id", "crm 17"): 1}
    refused = await marketing.get("/v1/campaigns/unmatched", headers=keys.as_("rep"))
    assert refused.status_code == 403
