"""The stand-in for Meta keeps to the documented protocol, or the tests that use it prove nothing."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.support.graph import EXPIRED_TOKEN, THROTTLED, Graph, LeadAd

MONDAY = datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
EVA = LeadAd("444", "7", {"email": "eva@muster.example", "topics": ["price", "demo"]}, MONDAY, "901")


@pytest.fixture
def graph() -> Iterator[Graph]:
    with Graph(token="page-token", app_secret="app-secret") as graph:
        graph.add(EVA)
        yield graph


def ask(graph: Graph, path: str, **query: str) -> httpx.Response:
    query = {"access_token": "page-token"} | query
    return httpx.get(f"{graph.url}/v25.0/{path}", params=query, trust_env=False)


def test_a_lead_shows_the_fields_asked_for(graph: Graph) -> None:
    answer = ask(graph, "444", fields="campaign_id,field_data")

    assert answer.json() == {
        "id": "444",
        "campaign_id": "901",
        "field_data": [
            {"name": "email", "values": ["eva@muster.example"]},
            {"name": "topics", "values": ["price", "demo"]},
        ],
    }
    assert ask(graph, "444").json()["created_time"] == "2026-11-02T10:30:00+0000"


def test_the_token_may_come_as_a_header(graph: Graph) -> None:
    header = {"Authorization": "Bearer page-token"}
    assert httpx.get(f"{graph.url}/v25.0/444", headers=header, trust_env=False).status_code == 200
    assert httpx.get(f"{graph.url}/v25.0/444", trust_env=False).json()["error"]["code"] == 104


def test_a_wrong_token_is_an_oauth_exception(graph: Graph) -> None:
    answer = ask(graph, "444", access_token="stolen")

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "OAuthException"
    assert answer.json()["error"]["code"] == 190


def test_a_proof_is_checked_when_it_is_sent(graph: Graph) -> None:
    proof = hmac.new(b"app-secret", b"page-token", hashlib.sha256).hexdigest()

    assert ask(graph, "444", appsecret_proof=proof).status_code == 200
    assert ask(graph, "444", appsecret_proof="0" * 64).json()["error"]["code"] == 100


def test_errors_come_as_often_as_told_and_then_the_lead(graph: Graph) -> None:
    graph.fail("444", THROTTLED, times=2)

    answers = [ask(graph, "444") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [403, 403, 200]
    assert answers[0].json()["error"]["code"] == 4
    assert graph.questions("444") == 3


def test_until_told_otherwise_everything_fails(graph: Graph) -> None:
    graph.fail_always(EXPIRED_TOKEN)
    assert ask(graph, "444").json()["error"]["error_subcode"] == 463
    graph.fail_always(None)
    assert ask(graph, "444").status_code == 200


def test_what_is_not_there_is_error_100(graph: Graph) -> None:
    assert ask(graph, "999").json()["error"]["code"] == 100


def test_the_leads_of_a_form_come_in_pages_the_newest_first(graph: Graph) -> None:
    graph.add(*(LeadAd(f"50{n}", "7", {}, MONDAY + timedelta(hours=n + 1)) for n in range(3)))
    since = [{"field": "time_created", "operator": "GREATER_THAN", "value": MONDAY.timestamp()}]

    page = ask(graph, "7/leads", limit="2", filtering=json.dumps(since)).json()
    cursor = page["paging"]["cursors"]["after"]
    rest = ask(graph, "7/leads", limit="2", filtering=json.dumps(since), after=cursor).json()

    assert [lead["id"] for lead in page["data"]] == ["502", "501"]
    assert [lead["id"] for lead in rest["data"]] == ["500"]
    assert "next" in page["paging"]
    assert "next" not in rest["paging"]


def test_a_page_is_subscribed_to_lead_ads(graph: Graph) -> None:
    answer = httpx.post(
        f"{graph.url}/v25.0/12/subscribed_apps",
        params={"subscribed_fields": "leadgen", "access_token": "page-token"},
        trust_env=False,
    )

    assert answer.json() == {"success": True}
    assert graph.subscribed == {"12"}
