"""Who has the deal has the lead: its page, its place among the rep's open ones, and no turn."""

from itertools import permutations
from typing import Any

import pytest

from services.handoff.handshake.deals.rules import Accepted, follow
from tests.handoff.samples import House, deal_amended, deal_closed, lead_qualified, owner_changed

ANA, BEN, EVA = "ana", "ben", "eva"


async def loads(house: House) -> dict[str, int]:
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    return {rep["subject"]: rep["open_leads"] for rep in page["items"]}


async def accepted(house: House) -> tuple[Any, str, str]:
    """A lead that ana has accepted, and another rep of hers."""
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")
    return lead, ana, await house.hire("ben")


async def test_the_lead_and_its_place_go_with_the_deal(house: House) -> None:
    lead, ana, ben = await accepted(house)

    await house.hear(owner_changed(lead, ana, ben))

    assert await loads(house) == {"ana": 0, "ben": 1}
    offer = await house.offer_of(lead)
    assert (offer["rep_id"], offer["state"]) == (ben, "accepted")
    path = f"/v1/assignments/{offer['id']}"
    assert (await house.call("rep", "ana", "GET", path)).status_code == 404
    assert (await house.call("rep", "ben", "GET", path)).status_code == 200
    trace = await house.done("admin", "boss", "GET", f"{path}/trace")
    assert trace["chosen"] == ana  # the turn stays hers
    await house.hear(deal_closed(lead, ben, version=4))
    assert await loads(house) == {"ana": 0, "ben": 0}


async def test_back_to_who_had_it_is_as_if_nothing_had_been(house: House) -> None:
    lead, ana, ben = await accepted(house)

    await house.hear(owner_changed(lead, ana, ben), owner_changed(lead, ben, ana, version=4))

    assert await loads(house) == {"ana": 1, "ben": 0}
    assert (await house.offer_of(lead))["rep_id"] == ana


async def test_any_order_of_the_news_ends_the_same(house: House) -> None:
    ana, ben = await house.hire("ana"), await house.hire("ben", capacity=0)
    for order in permutations(range(4)):
        lead = lead_qualified()
        await house.hear(lead)
        await house.answer(lead, "accept")
        news = [
            owner_changed(lead, ana, ben, version=3),
            deal_closed(lead, ben, version=4),
            deal_amended(lead, ben, version=5),
            owner_changed(lead, ben, ana, version=6),
        ]
        for place in order:
            await house.hear(news[place])
        await house.hear(news[0])  # told again

        offer = await house.offer_of(lead)
        assert (offer["rep_id"], offer["state"]) == (ana, "accepted"), order
        await house.hear(deal_closed(lead, ana, version=7))
    assert await loads(house) == {"ana": 0, "ben": 0}


async def test_what_was_returned_stays_so(house: House) -> None:
    lead, ana, ben = await accepted(house)
    await house.answer(lead, "return", reason="no_need")

    await house.hear(owner_changed(lead, ana, ben, outcome="won"))

    assert await loads(house) == {"ana": 0, "ben": 0}
    assert (await house.offer_of(lead))["state"] == "returned"


def them(state: Any, rep: Any, offered_to: Any = None) -> Accepted:
    return Accepted(state, rep, offered_to)


@pytest.mark.parametrize(
    ("before", "is_open", "rep", "right"),
    [
        (them("accepted", ANA), None, None, them("accepted", ANA)),
        (them("accepted", ANA), True, None, them("accepted", ANA)),  # of before the rep was kept
        (them("accepted", ANA), False, ANA, them("closed", ANA)),
        (them("accepted", ANA), True, BEN, them("accepted", BEN, ANA)),
        (them("accepted", BEN, ANA), True, EVA, them("accepted", EVA, ANA)),
        (them("accepted", BEN, ANA), True, ANA, them("accepted", ANA)),
        (them("closed", ANA), False, BEN, them("closed", BEN, ANA)),
        (them("closed", BEN, ANA), True, BEN, them("accepted", BEN, ANA)),
        (them("returned", ANA), False, BEN, them("returned", BEN, ANA)),
        (them("returned", ANA), True, ANA, them("returned", ANA)),
    ],
)
def test_a_lead_is_as_its_deal_is(before: Accepted, is_open: Any, rep: Any, right: Accepted) -> None:
    assert follow(before, deal_is_open=is_open, deal_rep_id=rep) == right
