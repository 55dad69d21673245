"""Taking submissions back: what they made is gone, in one request, and a release brings it again."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, work_off
from tests.marketing.capture.submissions.taking_back import (
    SPAM,
    STATE,
    form_of,
    person,
    release,
    rows,
    state,
    told,
    withdraw,
)
from tests.support.keys import Keys


async def test_a_flood_is_taken_back_and_a_release_brings_it_again(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    form = await form_of(marketing, keys)
    for name in ("ada", "eva", "ida"):
        await submit(marketing, form, person(name))
    await submit(marketing, form, person("ada"))  # clicked twice
    await work_off(marketing_sessions)
    before = await state(marketing_sessions)
    assert before["sums"]
    assert before["touches"]

    dry = await withdraw(marketing, keys, **SPAM, source_id=form["id"], dry_run=True)
    assert await state(marketing_sessions) == before, "a dry run changes nothing"
    done = await withdraw(marketing, keys, **SPAM, source_id=form["id"])

    assert dry == done | {"dry_run": True}
    assert (done["submissions"], done["touches"], done["leads"], done["cycles"]) == (4, 3, 3, 3)
    gone = await state(marketing_sessions)
    assert (gone["touches"], gone["sums"], gone["consents"], gone["references"]) == ([], [], [], [])
    assert {(row[1], row[2]) for row in gone["submissions"]} == {("quarantined", "withdrawn")}
    stages = await rows(marketing_sessions, "SELECT stage, reason FROM lifecycle_log ORDER BY at, stage DESC")
    assert stages.count(("withdrawn", "spam")) == 3
    assert (await told(marketing_sessions)).count(("lead_withdrawn", 2)) == 3
    assert (await balance(marketing, keys))["holds"]

    assert await release(marketing, keys, marketing_sessions) == 4

    assert await state(marketing_sessions) == before
    cycles = await rows(marketing_sessions, "SELECT cycle, stage FROM lead_cycles ORDER BY lead_id, cycle")
    assert cycles == [(1, "withdrawn"), (2, "mql")] * 3
    assert (await told(marketing_sessions)).count(("lead_qualified", 3)) == 3


async def test_the_clock_of_a_released_lead_began_with_its_receipt(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    form = await form_of(marketing, keys)
    await submit(marketing, form, person("ada"))
    await work_off(marketing_sessions)
    await withdraw(marketing, keys, **SPAM)
    await release(marketing, keys, marketing_sessions)

    received = await rows(marketing_sessions, "SELECT DISTINCT received_at FROM lead_cycles")
    assert received == await rows(marketing_sessions, "SELECT received_at FROM submissions")


async def test_the_funnel_leaves_out_what_was_taken_back(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    quiet, loud = await new_form(marketing, keys), await form_of(marketing, keys)
    await submit(marketing, quiet, person("ada"))
    await submit(marketing, loud, person("ada", message="Call me"))
    await submit(marketing, loud, person("eva"))
    await work_off(marketing_sessions)

    async def reached() -> dict[str, int]:
        period = {"from": "2020-01-01", "to": "2100-01-01"}
        shown = await marketing.get("/v1/reports/funnel", params=period, headers=keys.as_("analyst"))
        return {stage["stage"]: stage["leads"] for stage in shown.json()["funnels"][0]["stages"]}

    assert [(await reached())[stage] for stage in ("lead", "mql")] == [2, 2]

    await withdraw(marketing, keys, **SPAM, source_id=loud["id"])

    assert [(await reached())[stage] for stage in ("lead", "mql")] == [1, 0]


async def test_only_what_is_taken_back_no_longer_scores(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    quiet = await new_form(marketing, keys)
    loud = await form_of(marketing, keys)
    await submit(marketing, quiet, person("ada", product="CRM"))
    await work_off(marketing_sessions)
    alone = await state(marketing_sessions)
    await submit(marketing, loud, person("ada", job_title="Director", message="Call me at once, please"))
    await work_off(marketing_sessions)
    both = await state(marketing_sessions)
    assert [row[6] for row in both["leads"]] != [row[6] for row in alone["leads"]]

    done = await withdraw(marketing, keys, **SPAM, source_id=loud["id"])

    assert (done["leads"], done["cycles"]) == (0, 1)
    left = await state(marketing_sessions)
    assert left["touches"] == alone["touches"]
    assert left["sums"] == alone["sums"]
    assert [row[5] for row in left["leads"]] == [row[5] for row in alone["leads"]], "what it began with"
    assert [row[11] for row in left["leads"]] == [1], "arrivals"

    await release(marketing, keys, marketing_sessions)

    assert await state(marketing_sessions) == both


async def test_a_lead_that_began_with_spam_begins_with_what_is_left(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    spam, true = await form_of(marketing, keys), await form_of(marketing, keys)
    await submit(marketing, spam, person("ada"))
    await submit(marketing, true, person("ada", message="Me, really"))
    await work_off(marketing_sessions)
    before = await state(marketing_sessions)

    done = await withdraw(marketing, keys, **SPAM, source_id=spam["id"])

    assert (done["submissions"], done["leads"], done["cycles"]) == (1, 0, 0), (
        "the other one qualifies it, too"
    )
    assert await told(marketing_sessions) == [("lead_qualified", 1), ("lead_resubmitted", 2)]
    [(lead_of,)] = await rows(marketing_sessions, "SELECT submission_id FROM leads")
    [(cycle_of,)] = await rows(marketing_sessions, "SELECT submission_id FROM lead_cycles")
    [kept] = await submissions(marketing, keys, source_id=true["id"])
    assert str(lead_of) == str(cycle_of) == kept["id"]

    await release(marketing, keys, marketing_sessions)

    again = await state(marketing_sessions)
    assert again.pop("submissions") != before.pop("submissions"), "the lead is there already: it joins it"
    assert again == before


async def test_the_next_word_of_a_person_opens_a_new_cycle(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    form = await form_of(marketing, keys)
    await submit(marketing, form, person("ada"))
    await work_off(marketing_sessions)
    await withdraw(marketing, keys, **SPAM)

    await submit(marketing, form, person("ada", message="Now it is me"))
    await work_off(marketing_sessions)

    assert await told(marketing_sessions) == [
        ("lead_qualified", 1),
        ("lead_withdrawn", 2),
        ("lead_qualified", 3),
    ]
    sums = await rows(marketing_sessions, "SELECT sum(leads)::int, sum(mqls)::int FROM lead_days")
    assert sums == [(1, 1)]
    leads = await marketing.get("/v1/leads", params={"stage": "mql"}, headers=keys.as_("analyst"))
    assert [lead["cycle"] for lead in leads.json()["items"]] == [2]


@pytest.mark.parametrize("worked", ["an opportunity", "a won deal", "said long ago"])
async def test_what_is_worked_or_won_or_no_longer_told_is_listed_and_left_alone(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys, worked: str
) -> None:
    form = await form_of(marketing, keys)
    await submit(marketing, form, person("ada"))
    await submit(marketing, form, person("eva"))
    await work_off(marketing_sessions)
    ada, eva = await submissions(marketing, keys)
    if worked == "an opportunity":
        sql = "UPDATE lead_cycles SET stage = 'opportunity', opportunity_at = now() WHERE lead_id = $1"
        await rows(marketing_sessions, sql, UUID(ada["lead_id"]))
    elif worked == "said long ago":
        sql = "UPDATE submissions SET captured = NULL, cleared_at = now() WHERE id = $1"
        await rows(marketing_sessions, sql, UUID(ada["id"]))
    else:
        sql = (
            "INSERT INTO deals (deal_id, version, contact_ids, outcome, amount_minor, currency) "
            "VALUES ($1, 1, ARRAY[$2::uuid], 'won', 1, 'EUR')"
        )
        await rows(marketing_sessions, sql, clock.new_id(), UUID(ada["contact_id"]))
    before = await rows(marketing_sessions, STATE["leads"])

    done = await withdraw(marketing, keys, **SPAM)

    assert done["kept"] == [ada["id"]]
    assert (done["submissions"], done["leads"]) == (1, 1)
    kept = UUID(ada["lead_id"])
    after = await rows(marketing_sessions, STATE["leads"])
    assert [row for row in after if row[0] == kept] == [row for row in before if row[0] == kept]
    assert [row[0] for row in after if row[-1] is not None] == [UUID(eva["lead_id"])]


async def test_a_request_takes_a_page_and_says_where_to_go_on(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys
) -> None:
    form = await form_of(marketing, keys)
    for name in ("ada", "eva", "ida"):
        await submit(marketing, form, person(name))
    await work_off(marketing_sessions)

    first = await withdraw(marketing, keys, **SPAM, limit=2)
    rest = await withdraw(marketing, keys, **SPAM, limit=2, after=first["last_id"])

    assert [(one["submissions"], one["more"]) for one in (first, rest)] == [(2, True), (1, False)]


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ({"email_domain": "FIRMA-ada.com"}, 1),
        ({"email_domain": "firma-ida.com"}, 0),
        ({"received_to": "2020-01-01T00:00:00Z"}, 0),
        ({"received_from": "2020-01-01T00:00:00Z", "door": "web_form"}, 2),
        ({"received_from": "2020-01-01T00:00:00Z", "door": "meta"}, 0),
    ],
)
async def test_each_field_of_the_filter_narrows(
    marketing: AsyncClient, marketing_sessions: Sessions, keys: Keys, wanted: dict[str, Any], taken: int
) -> None:
    form = await form_of(marketing, keys)
    for name in ("ada", "eva"):
        await submit(marketing, form, person(name))
    await work_off(marketing_sessions)

    done = await withdraw(marketing, keys, reason="test", **wanted)

    assert done["submissions"] == taken


@pytest.mark.parametrize(
    "wanted", [{"reason": "spam"}, {"reason": "spam", "door": "meta"}, {"ids": []}, SPAM | {"x": 1}]
)
async def test_nobody_takes_back_everything_by_mistake(
    marketing: AsyncClient, keys: Keys, wanted: dict[str, Any]
) -> None:
    answer = await marketing.post("/v1/submissions/withdraw", json=wanted, headers=keys.as_("marketer"))

    assert answer.status_code == 422
