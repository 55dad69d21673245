"""Leads that other systems send."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, submissions, submissions_in_full, work_off
from tests.support.keys import Keys

LEAD = {
    "external_id": "crm-1",
    "email": "ben.ito@sample-industries.com",
    "occurred_at": "2026-01-02T09:30:00Z",
}


async def test_only_servers_with_the_scope_and_marketers_may_send(marketing: AsyncClient, keys: Keys) -> None:
    form = {"name": "CRM", "scopes": ["leads:write"]}
    made = await marketing.post("/v1/api-keys", json=form, headers=keys.as_("admin"))
    server = {"authorization": f"Bearer {made.json()['key']}"}
    other = await marketing.post(
        "/v1/api-keys", json={"name": "Other", "scopes": ["spend:write"]}, headers=keys.as_("admin")
    )
    assert (await marketing.post("/v1/leads", json=LEAD, headers=server)).status_code == 202
    assert (await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("marketer"))).status_code == 202
    assert (await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("rep"))).status_code == 403
    wrong = {"authorization": f"Bearer {other.json()['key']}"}
    assert (await marketing.post("/v1/leads", json=LEAD, headers=wrong)).status_code == 403
    assert (await marketing.post("/v1/leads", json=LEAD)).status_code == 401
    assert (await marketing.post("/v1/leads/batch", json={"leads": [LEAD]})).status_code == 401


async def test_history_is_a_backfill_and_an_external_id_counts_once(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    first = await marketing.post("/v1/leads", json=LEAD, headers=keys.as_("admin"))
    again = await marketing.post(
        "/v1/leads", json=LEAD, headers={**keys.as_("admin"), "idempotency-key": "another"}
    )
    assert first.json() == again.json()
    batch = {"leads": [LEAD, {**LEAD, "external_id": "crm-2"}, {**LEAD, "external_id": "crm-2"}]}
    await marketing.post("/v1/leads/batch", json=batch, headers=keys.as_("admin"))
    await work_off(marketing_sessions)

    found = await submissions(marketing, keys)
    # Each lead of a delivery has the submission that was promised; the same again is no second touch.
    assert [(one["external_id"], one["reason"]) for one in found] == [
        ("crm-1", None),
        ("crm-1", "repeat"),
        ("crm-2", None),
        ("crm-2", "repeat"),
    ]
    assert {one["backfilled"] for one in found} == {True}
    assert {one["occurred_at"] for one in found} == {"2026-01-02T09:30:00Z"}
    assert (await balance(marketing, keys))["holds"]
    async with marketing_sessions() as session:
        days = (await session.execute(text("SELECT occurred_at::date FROM touches"))).scalars().all()
    assert [str(day) for day in days] == ["2026-01-02"] * 2


@pytest.mark.parametrize(
    ("said", "told"),
    [({}, False), ({"route": True}, True), ({"route": False}, False), ({"route": "true"}, False)],
)
async def test_history_is_routed_only_when_asked_for(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, said: dict[str, object], *, told: bool
) -> None:
    lead = {**LEAD, "hand_raiser": True, **said}
    await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))
    other = {**lead, "external_id": "crm-2", "email": "ann.lee@sample-industries.com"}
    await marketing.post("/v1/leads/batch", json={"leads": [other]}, headers=keys.as_("admin"))
    await work_off(marketing_sessions)

    async with marketing_sessions() as session:
        staged = (
            await session.execute(text("SELECT convert_from(data, 'UTF8')::jsonb FROM outbox"))
        ).scalars()
        assert [(event["backfilled"], event["route"]) for event in staged] == [(True, told)] * 2
    for shown in await submissions(marketing, keys):
        detail = await marketing.get(f"/v1/submissions/{shown['id']}", headers=keys.as_("admin"))
        assert "route" not in detail.json()["captured"].get("answers", {})


async def test_batches_are_bounded_and_whole(marketing: AsyncClient, keys: Keys) -> None:
    def send(leads: object) -> object:
        return marketing.post("/v1/leads/batch", json={"leads": leads}, headers=keys.as_("admin"))

    for wrong in ([], [LEAD] * 501, "no list", None, [LEAD, 7]):
        answer = await send(wrong)  # type: ignore[misc]
        assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/leads/1", "detail": "Not an object."}]
    answer = await send([{"email": f"p{n}@b.co"} for n in range(500)])  # type: ignore[misc]
    assert answer.status_code == 202
    assert len({one["submission_id"] for one in answer.json()["submissions"]}) == 500


TIMES: dict[str, tuple[Any, str | None]] = {
    "a time": ("2026-01-02T09:30:00Z", "2026-01-02T09:30:00Z"),
    "a time of a zone": ("2026-01-02T10:30:00+01:00", "2026-01-02T09:30:00Z"),
    "unix seconds": (1767346200, "2026-01-02T09:30:00Z"),
    "unix seconds as text": ("1767346200", "2026-01-02T09:30:00Z"),
    "an empty text": ("", None),
    "nothing": (None, None),
}
NO_TIMES = [
    "2026-11-01 10:00:00",
    "2026-11-01",
    "2026-01-02T09:30:00",
    "yesterday",
    "1970-01-01T00:00:00Z",
    17,
    1767346200000,
    True,
    {"at": 1},
]


@pytest.mark.parametrize(("given", "kept"), TIMES.values(), ids=TIMES)
async def test_a_time_is_read_as_servers_write_it(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, given: Any, kept: str | None
) -> None:
    lead = {"email": "p@b.co", "occurred_at": given}
    answer = await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))
    assert answer.status_code == 202
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert (found["state"], found["occurred_at"]) == ("created", kept or found["received_at"])


@pytest.mark.parametrize("given", NO_TIMES, ids=str)
async def test_a_wrong_time_is_told_at_once(marketing: AsyncClient, keys: Keys, given: Any) -> None:
    lead = {"email": "p@b.co", "occurred_at": given}
    batch = {"leads": [{"email": "q@b.co"}, lead]}
    for path, body, pointer in (
        ("/v1/leads", lead, "/occurred_at"),
        ("/v1/leads/batch", batch, "/leads/1/occurred_at"),
    ):
        answer = await marketing.post(path, json=body, headers=keys.as_("admin"))
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


async def test_a_row_of_metas_export_keeps_its_time_and_its_id(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    row = {"id": "l:4711", "created_time": "2026-01-02T03:30:00-06:00", "email": "p@b.co", "platform": "fb"}
    for _ in range(2):
        await marketing.post("/v1/leads", json=row, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert (found["external_id"], found["occurred_at"]) == ("l:4711", "2026-01-02T09:30:00Z")
    assert (await balance(marketing, keys))["deliveries"]["repeat"] == 1


async def test_a_mapping_says_what_the_senders_names_are(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    lead = {"Wie erreichen wir Sie?": "ada@b.co", "mapping": {"Wie erreichen wir Sie?": "email"}}
    assert (await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))).status_code == 202
    batch = {"mapping": {"reach": "email"}, "leads": [{"reach": "ben@b.co"}]}
    assert (await marketing.post("/v1/leads/batch", json=batch, headers=keys.as_("admin"))).status_code == 202
    await work_off(marketing_sessions)
    found = await submissions_in_full(marketing, keys)
    assert [one["captured"]["email"] for one in found] == ["ada@b.co", "ben@b.co"]
    assert not any("mapping" in str(one["captured"]) for one in found)


@pytest.mark.parametrize(
    ("mapping", "pointer"),
    [
        ({"a": "e-mail"}, "/mapping/a"),
        ({"a/b": "nothing"}, "/mapping/a~1b"),
        ({"a": 1}, "/mapping/a"),
        ({"": "email"}, "/mapping/"),
        (["email"], "/mapping"),
        ({f"n{n}": "email" for n in range(201)}, "/mapping"),
    ],
)
async def test_a_mapping_leads_to_our_fields(
    marketing: AsyncClient, keys: Keys, mapping: Any, pointer: str
) -> None:
    lead = {"email": "a@b.co", "mapping": mapping}
    answer = await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_test_makes_a_notice_and_nothing_else(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    lead = {"email": "a@b.co", "test": True}
    answer = await marketing.post("/v1/leads", json=lead, headers=keys.as_("admin"))
    assert (answer.status_code, answer.json()["status"]) == (202, "test")
    batch = {"leads": [{"email": "b@b.co"}], "test": True}
    assert (await marketing.post("/v1/leads/batch", json=batch, headers=keys.as_("admin"))).status_code == 202
    among = await marketing.post("/v1/leads/batch", json={"leads": [lead]}, headers=keys.as_("admin"))
    assert (among.status_code, among.json()["errors"][0]["pointer"]) == (422, "/leads/0/test")
    await work_off(marketing_sessions)
    assert await submissions(marketing, keys) == []
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["deliveries"]["notice"]) == (True, 2)
