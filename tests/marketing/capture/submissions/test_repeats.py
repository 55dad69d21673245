"""What is the same again, what is a change, what is new: by tables, and with real deliveries."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.capture.connectors.field_mapping import Defaults, read_lead
from services.marketing.capture.submissions import jobs, repeats
from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, touched, work_off
from tests.support.keys import Keys
from tests.support.loop import until

ADA = {"name": "Ada Nowak", "email": "ada@firma.example.com", "message": "Hello"}


@pytest.mark.parametrize(
    ("name", "volatile"),
    [
        ("_wpcf7_unit_tag", True),
        ("wpcf7_container_post", True),
        ("wpnonce", True),
        ("form_nonce", True),
        ("csrf_token", True),
        ("g_recaptcha_response", True),
        ("cf_turnstile_response", True),
        ("timestamp", True),
        ("page_view_id", True),
        ("session_id", True),
        ("utm_id", True),
        ("ga", True),
        ("referrer", True),
        ("message", False),
        ("number_of_visitors", False),
        ("which_session_do_you_want", False),
        ("gate", False),
        ("tokenization_project", False),
        ("product", False),
    ],
)
def test_hidden_fields_of_a_page_view_are_no_content(name: str, volatile: bool) -> None:
    assert repeats.is_volatile(name) is volatile


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"email": "ADA@firma.example.com "}, True),
        ({"_wpnonce": "77"}, True),
        ({"timestamp": "1764100000"}, True),
        ({"website_url_confirm": ""}, True),
        ({"landing_url": "https://a.example/x?utm_source=b"}, True),
        ({"message": "Hello again"}, False),
        ({"email": "eva@firma.example.com"}, False),
        ({"name": "Eva Nowak"}, False),
        ({"product": "CRM"}, False),
        ({"phone": "+4930901820"}, False),
    ],
)
def test_content_is_what_somebody_said(change: dict[str, str], same: bool) -> None:
    first, second = (
        repeats.content_hash(read_lead(values, Defaults())) for values in (ADA, {**ADA, **change})
    )
    assert (first == second) is same


# What is posted after ADA, one after the other: states and reasons of all, and the touches.
CLICKS: dict[str, tuple[list[dict[str, Any]], list[str], int]] = {
    "twice": ([ADA], ["created", "merged repeat"], 1),
    "three times": ([ADA, ADA], ["created", "merged repeat", "merged repeat"], 1),
    "with another nonce": ([{**ADA, "_wpnonce": "2"}], ["created", "merged repeat"], 1),
    "another message": ([{**ADA, "message": "And a question"}], ["created", "merged"], 2),
    "another product, and twice": (
        [{**ADA, "product": "CRM"}, {**ADA, "product": "CRM"}],
        ["created", "merged", "merged repeat"],
        2,
    ),
    "somebody else, the same words": ([{**ADA, "email": "eva@firma.example.com"}], ["created", "created"], 2),
}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "one by one"])
@pytest.mark.parametrize("case", CLICKS)
async def test_the_same_said_again_is_one_touch(
    case: str, together: bool, marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    more, states, touches = CLICKS[case]
    form = await new_form(marketing, keys)
    for values in [ADA, *more]:
        await submit(marketing, form, values)
        if not together:
            await work_off(marketing_sessions)
    await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    assert [" ".join(filter(None, (one["state"], one["reason"]))) for one in found] == states
    assert await touched(marketing_sessions) == (touches, touches)
    repeated = [one for one in found if one["reason"] == "repeat"]
    for one in repeated:
        assert one["lead_id"] in {first["lead_id"] for first in found if first["reason"] is None}
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["submissions"]["made"]) == (True, len(states))


async def test_clicks_do_not_qualify_a_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, ADA)
    await work_off(marketing_sessions)
    lead = (await submissions(marketing, keys))[0]["lead_id"]
    once = (await marketing.get(f"/v1/leads/{lead}", headers=keys.as_("analyst"))).json()
    for _ in range(4):
        await submit(marketing, form, ADA)
    await work_off(marketing_sessions)
    again = (await marketing.get(f"/v1/leads/{lead}", headers=keys.as_("analyst"))).json()
    assert (again["score"], again["stage"]) == (once["score"], "lead")


async def test_after_ten_minutes_it_is_a_new_touch(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    for minutes in (0, 11, 22):
        async with marketing_sessions.begin() as session:
            await session.execute(
                text("UPDATE submissions SET occurred_at = occurred_at - make_interval(mins => :m)"),
                {"m": min(minutes, 11)},
            )
        await submit(marketing, form, ADA)
        await work_off(marketing_sessions)
    assert [one["reason"] for one in await submissions(marketing, keys)] == [None, None, None]
    assert await touched(marketing_sessions) == (3, 3)


async def test_workers_at_once_make_one_touch_of_many_clicks(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await new_form(marketing, keys)
    await asyncio.gather(*(submit(marketing, form, {**ADA, "_wpnonce": str(n)}) for n in range(40)))
    monkeypatch.setattr(jobs, "BATCH", 3)
    await asyncio.gather(*(work_off(marketing_sessions) for _ in range(4)))

    async def all_are_read() -> bool:
        await work_off(marketing_sessions)  # on a busy machine one may have had to wait for the others
        return len(await submissions(marketing, keys)) == 40

    await until(all_are_read, "every click is read")
    found = Counter((one["state"], one["reason"]) for one in await submissions(marketing, keys))
    assert found == {("created", None): 1, ("merged", "repeat"): 39}
    assert await touched(marketing_sessions) == (1, 1)
