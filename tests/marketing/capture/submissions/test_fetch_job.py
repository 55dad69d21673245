"""Meta's details: asked for by lease, stored, tried again, or given to a person."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.marketing.capture.connectors.meta import rules
from services.marketing.capture.connectors.meta.client import GraphClient
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.submissions import fetch_job
from services.marketing.capture.submissions.fetch_job import DetailsFetcher
from shared.database.sessions import Sessions
from tests.marketing.capture.house import (
    ACCESS_TOKEN,
    announce,
    balance,
    meta_body,
    new_connection,
    submissions,
    work_off,
)
from tests.support.keys import Keys

Answer = Callable[[httpx.Request], httpx.Response]


class Graph:
    """Answers as the Graph API would. `answers` maps a leadgen id to an answer; others get their details."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, Answer] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        leadgen_id = request.url.path.rpartition("/")[2]
        return self.answers.get(leadgen_id, details)(request)


def details(request: httpx.Request) -> httpx.Response:
    leadgen_id = request.url.path.rpartition("/")[2]
    fields = {"full_name": "Ada Nowak", "email": f"ada{leadgen_id}@muster-gmbh.com", "seats": "60"}
    body = {
        "id": leadgen_id,
        "created_time": "2026-02-04T10:30:00+0000",
        "form_id": "77",
        "field_data": [{"name": name, "values": [value]} for name, value in fields.items()],
    }
    return httpx.Response(200, json=body)


def error(status: int, code: int, kind: str = "OAuthException") -> Answer:
    return lambda _: httpx.Response(status, json={"error": {"message": "…", "type": kind, "code": code}})


@pytest.fixture
def platform() -> Graph:
    return Graph()


@pytest.fixture
async def fetcher(platform: Graph, keys: Keys) -> AsyncIterator[DetailsFetcher]:
    async with AsyncClient(transport=httpx.MockTransport(platform)) as client:
        sealer = Sealer(keys.environment("marketing")["SECRETS_KEY"])
        yield DetailsFetcher({"meta": GraphClient("https://graph.test/v25.0", sealer, client)})


async def states(client: AsyncClient, keys: Keys) -> dict[str, tuple[str, Any]]:
    return {one["external_id"]: (one["state"], one["reason"]) for one in await submissions(client, keys)}


async def make_due(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE submissions SET next_attempt_at = now() WHERE waits_for = 'details'")
        )


async def test_details_become_a_lead_and_hold_back_nobody(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    platform: Graph,
    fetcher: DetailsFetcher,
) -> None:
    mapping = {"*": {"seats": "company_size"}}
    connection = await new_connection(marketing, keys, "meta", field_mapping=mapping)
    platform.answers = {
        "2": error(400, 4),
        "3": lambda _: httpx.Response(502),
        "4": error(400, 190),
        "5": error(403, 200),
        "6": error(400, 100, "GraphMethodException"),
        "7": lambda _: httpx.Response(200, json={"id": "8", "field_data": []}),
    }
    await announce(marketing, connection, meta_body(*range(1, 8)))
    await work_off(marketing_sessions)
    assert await fetcher.fetch(marketing_sessions) == 7

    assert await states(marketing, keys) == {
        "1": ("created", None),
        "2": ("pending", "graph_4"),
        "3": ("pending", "graph_http_502"),
        "4": ("quarantined", "graph_190"),
        "5": ("quarantined", "graph_200"),
        "6": ("quarantined", "graph_100"),
        "7": ("quarantined", "details_of_another_lead"),
    }
    assert platform.asked[0].headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert platform.asked[0].url.path == "/v25.0/1"
    assert ACCESS_TOKEN not in str(platform.asked[0].url)
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert shown.json()["health"] == "needs_attention"

    # Nothing is due again yet; when it is, and the platform is well, all that waited come through.
    assert await fetcher.fetch(marketing_sessions) == 0
    platform.answers = {}
    await make_due(marketing_sessions)
    replay = {"state": "quarantined", "door": "meta"}
    replayed = await marketing.post("/v1/submissions/replay", json=replay, headers=keys.as_("admin"))
    assert replayed.json()["replayed"] == 4
    await fetcher.fetch(marketing_sessions)
    assert {state for state, _ in (await states(marketing, keys)).values()} == {"created"}
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert shown.json()["health"] == "ok"
    assert (await balance(marketing, keys))["holds"]


async def test_metas_test_lead_makes_nothing_and_the_equations_hold(
    marketing: AsyncClient,
    keys: Keys,
    marketing_sessions: Sessions,
    platform: Graph,
    fetcher: DetailsFetcher,
) -> None:
    """That it is a test stands only in its details, when the delivery was read long ago."""
    dummy = {"full_name": "<test lead: dummy data for full_name>", "email": "test@meta.com"}
    data = [{"name": name, "values": [value]} for name, value in dummy.items()]
    platform.answers = {"1": lambda _: httpx.Response(200, json={"id": "1", "field_data": data})}
    connection = await new_connection(marketing, keys, "meta")
    await announce(marketing, connection, meta_body(1, 2))  # the other one is real
    await work_off(marketing_sessions)
    for _ in range(2):
        await fetcher.fetch(marketing_sessions)
        found, real = sorted(await submissions(marketing, keys), key=lambda one: one["external_id"])
        assert real["state"] == "created"
        assert (found["state"], found["reason"]) == ("rejected", "test")
        assert (found["contact_id"], found["lead_id"]) == (None, None)
        # Who replays it gets the same answer.
        again = f"/v1/submissions/{found['id']}/replay"
        await marketing.post(again, headers=keys.as_("admin"))
        await work_off(marketing_sessions)
    sums = await balance(marketing, keys)
    assert (sums["holds"], sums["submissions"]["rejected"], sums["submissions"]["made"]) == (True, 1, 2)
    for things in ("contacts", "leads"):
        shown = await marketing.get(f"/v1/{things}", headers=keys.as_("analyst"))
        assert len(shown.json()["items"]) == 1, things
    shown = await marketing.get(f"/v1/connections/{connection['id']}", headers=keys.as_("analyst"))
    assert shown.json()["health"] == "ok"
    asked = platform.asked[0].url.params["fields"].split(",")
    assert {"is_organic", "platform", "custom_disclaimer_responses"} <= set(asked)


async def test_a_lease_that_ran_out_is_taken_by_another(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions, platform: Graph, fetcher: DetailsFetcher
) -> None:
    connection = await new_connection(marketing, keys, "meta")
    await announce(marketing, connection, meta_body(1))
    await work_off(marketing_sessions)
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE submissions SET lease_until = now() + interval '1 minute'"))
    assert await fetcher.fetch(marketing_sessions) == 0
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE submissions SET lease_until = now() - interval '1 second'"))
    assert await fetcher.fetch(marketing_sessions) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "step"),
    [
        *((400, code, "OAuthException", "wait") for code in (1, 2, 4, 17, 32, 341, 613)),
        (400, 102, "OAuthException", "token"),
        (400, 190, "OAuthException", "token"),
        (400, 999, "OAuthException", "token"),
        (500, 999, "OAuthException", "wait"),
        (403, 10, "OAuthException", "permission"),
        (403, 200, "OAuthException", "permission"),
        (403, 299, "OAuthException", "permission"),
        (403, 300, "GraphMethodException", "refused"),
        (400, 100, "GraphMethodException", "refused"),
    ],
)
def test_the_code_is_judged_before_the_type(status: int, code: int, kind: str, step: str) -> None:
    body = json.dumps({"error": {"code": code, "type": kind}}).encode()
    assert rules.judge(status, body).step == step


@given(st.integers(100, 599), st.binary(max_size=200) | st.just(b'{"error":{}}'))
def test_any_answer_is_judged(status: int, body: bytes) -> None:
    answer = rules.judge(status, body)
    assert answer.step in ("details", "wait", "token", "permission", "refused")
    assert len(answer.reason) <= 40


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_and_end(attempts: int, luck: float) -> None:
    assert 0 < fetch_job.pause(attempts, luck).total_seconds() <= 1.5 * 3600
