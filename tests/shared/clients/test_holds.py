"""What a service says of who asks, and what it makes of the answer."""

import json

import httpx
import pytest

from shared.clients.contact_cards import ContactCards, HeldLead
from shared.clients.contact_holds import ContactHolds
from shared.clients.http_client import ServiceClient
from shared.errors import UnavailableError
from tests.shared.clients.marketing import ANA, ANN, BEN, Marketing, Reply, busy, card, down, says


async def test_marketing_hears_what_the_person_may_be_and_what_they_hold_here(
    client: ServiceClient, marketing: Marketing
) -> None:
    marketing.replies = [says(card(ANA, status="offered")), says(card(ANA))]
    cards = ContactCards(client)
    offered, accepted = (
        HeldLead(contact_id=ANA, lead_id=BEN, cycle=1, version=version, state=state)
        for version, state in ((1, "offered"), (2, "accepted"))
    )

    first = await cards.cards([ANA], asked_by=ANN, held=[offered])
    second = await cards.cards([ANA], asked_by=ANN, held=[accepted])

    assert (first[ANA].status, second[ANA].status) == ("offered", "available")
    asked = [json.loads(request.content) for request in marketing.asked]
    assert [one["roles"] for one in asked] == [["rep"], ["rep"]]
    assert [one["held"][0]["state"] for one in asked] == ["offered", "accepted"]


async def test_whom_somebody_may_not_see_is_asked_anew_each_time(
    client: ServiceClient, marketing: Marketing
) -> None:
    marketing.replies = [says(card(ANA, status="withheld")), says(card(ANA))]
    cards = ContactCards(client)

    assert (await cards.cards([ANA], asked_by=ANN))[ANA].status == "withheld"
    assert (await cards.cards([ANA], asked_by=ANN))[ANA].status == "available"


NO_ANSWER: list[Reply] = [down, busy, says(), lambda _: httpx.Response(200, json={"contact_ids": 1})]


@pytest.mark.parametrize("reply", NO_ANSWER)
async def test_who_holds_a_contact_is_known_or_nothing_is_done(
    client: ServiceClient, marketing: Marketing, reply: Reply
) -> None:
    marketing.replies = [reply]

    with pytest.raises(UnavailableError, match="Nothing was done"):
        await ContactHolds(client).joinable([ANA], asked_by=ANN, rep_id=None, company_id=None)
