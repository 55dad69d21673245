"""What the pages of offers show."""

from tests.handoff.samples import SALES, House, lead_qualified


async def test_the_page_shows_without_the_person_while_marketing_is_down(house: House) -> None:
    await house.hire("ana")
    lead = lead_qualified()
    await house.hear(lead)

    [offer] = await house.offers()

    assert offer["contact"]["status"] == "unavailable"
    assert offer["lead"]["score"] == 85


async def test_the_trace_says_why(house: House) -> None:
    ana = await house.hire("ana")
    ben = await house.hire("ben", active=False)
    lead = lead_qualified()
    await house.hear(lead)
    offer = await house.offer_of(lead)

    trace = await house.done("rep", "ana", "GET", f"/v1/assignments/{offer['id']}/trace")

    assert (trace["rule_set"], trace["rule_name"], trace["team_id"]) == (1, "Everything else", str(SALES))
    assert trace["chosen"] == ana
    assert trace["leaders"] == [{"rep_id": ana, "level": 1.0}]
    assert trace["passed_over"] == [{"rep_id": ben, "reason": "inactive"}]


async def test_lists_go_page_by_page_and_filter(house: House) -> None:
    await house.hire("ana")
    leads = [lead_qualified() for _ in range(5)]
    await house.hear(*leads)
    await house.answer(leads[0], "accept")

    first = await house.done("rep", "ana", "GET", "/v1/assignments", params={"limit": 3})
    rest = await house.done(
        "rep", "ana", "GET", "/v1/assignments", params={"limit": 3, "cursor": first["next_cursor"]}
    )
    accepted = await house.offers(state="accepted")

    assert len({offer["id"] for offer in first["items"] + rest["items"]}) == 5
    assert rest["next_cursor"] is None
    assert [offer["lead"]["lead_id"] for offer in accepted] == [str(leads[0].lead_id)]
