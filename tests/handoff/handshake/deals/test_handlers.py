"""What sales tells about the deal of a lead frees its rep, or counts it again."""

from itertools import permutations

import pytest

from tests.handoff.samples import House, deal_amended, deal_closed, lead_qualified


async def open_leads(house: House) -> int:
    page = await house.done("admin", "boss", "GET", "/v1/reps")
    return sum(rep["open_leads"] for rep in page["items"])


async def test_a_closed_deal_frees_its_rep(house: House) -> None:
    ana = await house.hire("ana", capacity=1)
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")
    assert await open_leads(house) == 1

    await house.hear(deal_closed(lead, ana))

    offer = await house.offer_of(lead)
    assert (offer["state"], offer["lead"]["state"], offer["lead"]["end_reason"]) == (
        "closed",
        "closed",
        "deal_closed",
    )
    assert await open_leads(house) == 0


async def test_a_reopened_deal_counts_again_until_it_closes(house: House) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")

    await house.hear(deal_closed(lead, ana, version=3))
    await house.hear(deal_amended(lead, ana, version=4))
    assert (await house.offer_of(lead))["state"] == "accepted"
    assert await open_leads(house) == 1
    await house.hear(deal_closed(lead, ana, version=5))

    assert await open_leads(house) == 0


async def test_a_refund_changes_nothing_here(house: House) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")

    await house.hear(deal_closed(lead, ana), deal_amended(lead, ana, cause="refunded", outcome="won"))

    assert await open_leads(house) == 0


async def test_the_deal_of_a_lead_given_back_changes_nothing(house: House) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")
    await house.answer(lead, "return", reason="no_need")

    await house.hear(deal_closed(lead, ana, outcome="disqualified"))

    offer = await house.offer_of(lead)
    assert (offer["state"], offer["lead"]["end_reason"]) == ("returned", "no_need")
    assert await open_leads(house) == 0


async def test_a_deal_without_a_lead_is_none_of_our_business(house: House) -> None:
    ana = await house.hire("ana")

    await house.hear(deal_closed(lead_qualified(), ana, lead_id=None, cycle=None, origin="prospecting"))

    assert await open_leads(house) == 0


async def test_the_end_is_the_same_in_whatever_order_the_news_come(house: House) -> None:
    ana = await house.hire("ana")
    for order in permutations(range(3)):
        lead = lead_qualified()
        await house.hear(lead)
        await house.answer(lead, "accept")
        news = [
            deal_closed(lead, ana, version=3),
            deal_amended(lead, ana, version=4),
            deal_closed(lead, ana, version=5),
        ]

        for index in order:
            await house.hear(news[index])
        assert (await house.offer_of(lead))["state"] == "closed", order
        await house.hear(news[0], news[1])  # old news, told again

        assert (await house.offer_of(lead))["state"] == "closed", order
        assert await open_leads(house) == 0, order


@pytest.mark.parametrize("deal_first", [True, False])
async def test_the_next_cycle_and_the_close_of_the_last_come_in_any_order(
    house: House, *, deal_first: bool
) -> None:
    ana = await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)
    await house.answer(lead, "accept")
    again = lead.model_copy(update={"cycle": 2, "version": 2})

    for event in [deal_closed(lead, ana), again] if deal_first else [again, deal_closed(lead, ana)]:
        await house.hear(event)

    states = {(each["lead"]["cycle"], each["state"]) for each in await house.offers()}
    assert states == {(1, "closed"), (2, "offered")}
    assert await open_leads(house) == 1
    assert [row.version for row in await house.told()] == [1, 2, 3]
