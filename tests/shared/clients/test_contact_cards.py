"""Asking another service, and going on without its answer."""

import json
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest

from shared.clients import breaker as clients_breaker
from shared.clients import contact_cards
from shared.clients.backgrounds import Background
from shared.clients.breaker import Breaker
from shared.clients.contact_cards import ContactCards
from shared.clients.http_client import ServiceClient, Unreachable
from shared.observability import telemetry
from tests.shared.clients.marketing import (
    ANA,
    ANN,
    BEN,
    BEN_HIMSELF,
    Marketing,
    Reply,
    busy,
    card,
    down,
    says,
)


async def test_the_call_carries_a_token_for_that_service_and_the_trace(
    client: ServiceClient, marketing: Marketing
) -> None:
    marketing.replies = [says()]
    token = telemetry.traceparent.set("00-" + "a" * 32 + "-" + "b" * 16 + "-01")

    await client.post_json("/v1/contact-cards", {})
    telemetry.traceparent.reset(token)

    [request] = marketing.asked
    claims = jwt.decode(
        request.headers["authorization"].removeprefix("Bearer "), options={"verify_signature": False}
    )
    assert (claims["iss"], claims["aud"]) == ("leadloop:sales", "marketing")
    assert claims["exp"] - claims["iat"] == 60
    assert request.headers["traceparent"].startswith("00-" + "a" * 32)


@pytest.mark.parametrize("first", [busy, down])
async def test_a_hiccup_is_tried_once_more(client: ServiceClient, marketing: Marketing, first: Reply) -> None:
    marketing.replies = [first, says(card(ANA))]

    assert (await client.post_json("/v1/contact-cards", {}))["items"][0]["name"] == "Ana"


@pytest.mark.parametrize(
    ("reply", "times"),
    [(busy, 2), (down, 2), (lambda _: httpx.Response(403), 1), (lambda _: httpx.Response(200), 2)],
)
async def test_no_answer_is_said_so_after_two_tries_and_a_refusal_after_one(
    client: ServiceClient, marketing: Marketing, reply: Reply, times: int
) -> None:
    marketing.replies = [reply]

    with pytest.raises(Unreachable, match="marketing"):
        await client.post_json("/v1/contact-cards", {})
    assert len(marketing.asked) == times


async def test_a_full_pool_gets_a_new_client(client: ServiceClient, marketing: Marketing) -> None:
    def full(request: httpx.Request) -> httpx.Response:
        raise httpx.PoolTimeout("full", request=request)

    marketing.replies = [full]
    before = client._client

    with pytest.raises(Unreachable):
        await client.post_json("/v1/contact-cards", {})
    assert client._client is not before


async def test_a_service_that_does_not_answer_is_left_alone_for_a_while(
    client: ServiceClient, marketing: Marketing
) -> None:
    marketing.replies = [down]
    for _ in range(7):
        with pytest.raises(Unreachable):
            await client.post_json("/v1/contact-cards", {})

    assert len(marketing.asked) == 2 * clients_breaker.BREAK_AFTER


def test_after_a_while_one_goes_to_see() -> None:
    breaker = Breaker()
    for _ in range(5):
        assert breaker.lets_through(0)
        breaker.note(0, answered=False)

    assert not breaker.lets_through(4.9)
    assert breaker.lets_through(5.1)
    assert not breaker.lets_through(5.2)
    breaker.note(6, answered=False)
    assert not breaker.lets_through(7)
    assert breaker.lets_through(10.2)
    breaker.note(10.3, answered=True)
    assert breaker.lets_through(10.4)
    assert breaker.lets_through(10.4)


async def test_cards_are_asked_for_once_within_seconds(client: ServiceClient, marketing: Marketing) -> None:
    marketing.replies = [says(card(ANA), card(BEN, status="erased"))]
    cards = ContactCards(client)

    first = await cards.cards([ANA, BEN, ANA], asked_by=ANN)
    second = await cards.cards([BEN], asked_by=ANN)

    assert (first[ANA].name, first[BEN].status) == ("Ana", "erased")
    assert second[BEN] == first[BEN]
    assert [json.loads(request.content)["asked_by"] for request in marketing.asked] == ["ann"]


async def test_what_only_a_stranger_said_is_passed_on_as_unverified(
    client: ServiceClient, marketing: Marketing
) -> None:
    shown: Any = {**card(ANA, phone="+4915123456789"), "unverified": ["phone"]}
    marketing.replies = [says(shown, card(BEN))]

    found = await ContactCards(client).cards([ANA, BEN], asked_by=ANN)

    assert (found[ANA].unverified, found[BEN].unverified) == (("phone",), ())


async def test_another_person_is_another_question(client: ServiceClient, marketing: Marketing) -> None:
    """Marketing logs who saw a card, so nobody sees one on another's question."""
    marketing.replies = [says(card(ANA))]
    cards = ContactCards(client)

    await cards.cards([ANA], asked_by=ANN)
    await cards.cards([ANA], asked_by=BEN_HIMSELF)

    assert [json.loads(request.content)["asked_by"] for request in marketing.asked] == ["ann", "ben"]


async def test_cards_are_asked_anew_when_they_are_old(
    client: ServiceClient, marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_cards, "KEPT_SECONDS", 0)
    marketing.replies = [says(card(ANA))]
    cards = ContactCards(client)

    await cards.cards([ANA], asked_by=ANN)
    await cards.cards([ANA], asked_by=ANN)

    assert len(marketing.asked) == 2


@pytest.mark.parametrize(
    "reply",
    [
        down,
        lambda _: httpx.Response(200, json={"items": [{"name": 1}]}),
        lambda _: httpx.Response(200, json=[]),
    ],
)
async def test_the_page_goes_on_without_the_cards(
    client: ServiceClient, marketing: Marketing, reply: Reply
) -> None:
    marketing.replies = [reply]

    found = await ContactCards(client).cards([ANA, BEN], asked_by=ANN)

    assert [card.status for card in found.values()] == ["unavailable", "unavailable"]
    assert found[ANA].name is None


async def test_many_ids_are_asked_in_batches_and_a_missing_one_is_unavailable(
    client: ServiceClient, marketing: Marketing
) -> None:
    ids = [UUID(int=number) for number in range(1, 302)]
    marketing.replies = [says(*[card(id) for id in ids[:200]]), says(*[card(id) for id in ids[200:300]])]

    found = await ContactCards(client).cards(ids, asked_by=ANN)

    assert len(marketing.asked) == 2
    assert [card.status for card in found.values()].count("available") == 300
    assert found[ids[300]].status == "unavailable"


async def test_a_list_and_a_page_are_two_questions(client: ServiceClient, marketing: Marketing) -> None:
    """What a list was told says nothing of what came before."""
    before = {"background": {"touches_in_all": 2}}
    marketing.replies = [says(card(ANA)), says({**card(ANA), **before})]  # type: ignore[dict-item]
    cards = ContactCards(client)

    listed = await cards.cards([ANA], asked_by=ANN)
    shown = await cards.cards([ANA], asked_by=ANN, background=True)

    assert listed[ANA].background is None
    assert shown[ANA].background == Background(touches_in_all=2)
    assert ["background" in json.loads(one.content) for one in marketing.asked] == [False, True]
