"""D2: what a rep learns of a person before the first call, on the offer and on the deal."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.overview.cards.rules import HIDDEN, of_an_offer
from shared.clients.backgrounds import Background, Enquiry, MetBefore
from shared.database.sessions import Sessions
from tests.marketing.people.contacts.test_whose_word import Doors
from tests.marketing.people.holds.parties import Asking, Parties
from tests.support.keys import Keys

KIM = {
    "email": "kim@northwind-gmbh.com",
    "name": "Kim Kern",
    "job_title": "CEO",
    "budget": "50000",
    "company": "Northwind",
    "message": "Please call me about pricing, +49 30 90182000.",
    "landing_url": "https://www.example.com/pricing?ref=kim@northwind-gmbh.com",
    "utm_campaign": "spring",
}
DEAL, OTHER, HIS = UUID(int=31), UUID(int=32), UUID(int=33)


@pytest.fixture
async def doors(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Doors:
    return await Doors.open(marketing, keys, marketing_sessions)


@pytest.fixture
async def asking(marketing: AsyncClient, keys: Keys) -> Asking:
    return Asking(marketing, keys)


@pytest.fixture
async def spring(marketing: AsyncClient, keys: Keys) -> dict[str, Any]:
    mia = keys.as_("marketer")
    channel = {"key": "events", "name": "Events", "paid": False}
    await marketing.post("/v1/channels", json=channel, headers=mia)
    form = {"name": "Spring fair", "channel": "events", "utm_campaign": "spring", "currency": "EUR"}
    made = await marketing.post("/v1/campaigns", json=form, headers=mia)
    assert made.status_code == 201, made.text
    return dict(made.json())


@pytest.fixture
async def kim(spring: dict[str, Any], doors: Doors, marketing_sessions: Sessions) -> Parties:
    parties = Parties(marketing_sessions, await doors.form_says(**KIM))
    await parties.hire()
    return parties


async def test_what_the_person_wrote_where_and_why_they_are_a_lead(
    kim: Parties, asking: Asking, doors: Doors, spring: dict[str, Any]
) -> None:
    await doors.form_says(email=KIM["email"], message="Please hurry, we decide today")
    await kim.tell(kim.assigned("ana"), kim.accepted("ana"))

    card = await asking.card(kim.contact_id, "ana", background=True)

    hurry, first = card["background"]["enquiries"]
    assert hurry["wrote"] == {"message": "Please hurry, we decide today"}
    assert first["wrote"] == {name: KIM[name] for name in ("message", "budget", "job_title")}
    assert (first["form"], first["campaign"], first["campaign_id"], first["page"]) == (
        doors.form["name"],
        "Spring fair",
        spring["id"],
        "www.example.com/pricing",
    )
    score = card["background"]["score"]
    assert score["total"] == score["fit"] + score["engagement"]
    assert all(reason["points"] is not None for reason in score["reasons"])
    assert card["background"]["touches_in_all"] == 2


async def test_an_offer_shows_it_without_a_way_to_reach_the_person(kim: Parties, asking: Asking) -> None:
    await kim.tell(kim.assigned("ana"))

    card = await asking.card(kim.contact_id, "ana", background=True)

    [enquiry] = card["background"]["enquiries"]
    assert enquiry["wrote"] == {
        "message": f"Please call me about pricing, {HIDDEN}.",
        "budget": "50000",
        "job_title": "CEO",
    }
    assert enquiry["campaign"] == "Spring fair"
    assert "northwind-gmbh.com" not in str(card)


@pytest.mark.parametrize("place", ["/book/kim@northwind.example", "/call/+49 30 90182000"])
def test_no_page_of_an_offer_names_an_address(place: str) -> None:
    at = datetime.fromisoformat("2026-11-23T09:30:00Z")
    enquiry = Enquiry(submission_id=DEAL, received_at=at, source="api", page=place, wrote={"x": place})
    touch = MetBefore(occurred_at=at, kind="visit", channel="email", page=place)

    shown = of_an_offer(Background(enquiries=(enquiry,), touches=(touch,)))

    for one in (shown.enquiries[0].page, shown.enquiries[0].wrote["x"], shown.touches[0].page):
        assert HIDDEN in str(one)
        assert not any(told in str(one) for told in ("@", "90182000"))


async def test_other_deals_of_the_person_and_company_name_their_owner(
    kim: Parties, asking: Asking, doors: Doors, marketing_sessions: Sessions
) -> None:
    """D12: at least "open deals of this company, owner X" beside the offer."""
    eva = Parties(
        marketing_sessions,
        await doors.form_says(email="eva@northwind-gmbh.com", name="Eva Muster", company="Northwind"),
    )
    company = UUID((await doors.contact({"contact_id": str(kim.contact_id)}))["company"]["id"])
    await kim.tell(
        kim.opened(DEAL, "ann"),
        kim.closed(DEAL, "ann", "lost"),
        eva.opened(OTHER, "ben", cycle=1, company_id=company),
        eva.opened(HIS, "ben"),
        kim.assigned("ana"),
    )

    card = await asking.card(kim.contact_id, "ana", background=True)

    deals = card["background"]["deals"]
    shown = [(one["deal_id"], one["of"], one["state"], one["rep_name"]) for one in deals]
    assert shown == [(str(OTHER), "company", "open", "ben"), (str(DEAL), "person", "lost", "ann")]
    assert not any("amount" in name for one in deals for name in one)


async def test_what_came_before_is_told_only_of_whom_one_holds_and_where_it_is_asked(
    kim: Parties, asking: Asking
) -> None:
    await kim.tell(kim.assigned("ana"))

    assert (await asking.card(kim.contact_id, "ben", background=True))["background"] is None
    assert (await asking.card(kim.contact_id, "ana"))["background"] is None
    too_many = await asking.cards([UUID(int=n) for n in range(21)], "ana", background=True)
    assert too_many.status_code == 422
    assert "20 people at most" in too_many.text


async def test_a_name_is_filled_in_when_the_rep_is_told_again(
    kim: Parties, asking: Asking, marketing_sessions: Sessions
) -> None:
    """Reps that were told before names were kept."""
    async with marketing_sessions.begin() as session:
        await session.execute(text("UPDATE holders SET display_name = NULL"))
    await kim.tell(kim.opened(DEAL, "ann"), kim.assigned("ana"))

    async def owner() -> Any:
        card = await asking.card(kim.contact_id, "ana", background=True)
        return card["background"]["deals"][0]["rep_name"]

    assert await owner() is None
    await kim.hire()
    assert await owner() == "ann"
