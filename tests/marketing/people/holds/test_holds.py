"""Who holds whom, as handoff and sales tell it, and what that opens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.people.contacts.test_whose_word import Doors
from tests.marketing.people.holds.parties import REPS, Asking, Parties
from tests.support.keys import Keys

KIM = {
    "email": "kim@northwind-gmbh.com",
    "name": "Kim Kern",
    "phone": "+493090182000",
    "company": "Northwind",
    "message": "Please call 030 90182000 or write to k@x.de before March",
}
DEAL, OTHER = UUID(int=31), UUID(int=32)


@pytest.fixture
async def doors(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Doors:
    return await Doors.open(marketing, keys, marketing_sessions)


@pytest.fixture
async def asking(marketing: AsyncClient, keys: Keys) -> Asking:
    return Asking(marketing, keys)


@pytest.fixture
async def kim(doors: Doors, marketing_sessions: Sessions) -> Parties:
    parties = Parties(marketing_sessions, await doors.form_says(**KIM))
    await parties.hire()
    return parties


async def test_a_card_opens_with_the_handshake_and_closes_when_the_lead_goes_on(
    kim: Parties, asking: Asking
) -> None:
    async def statuses() -> list[str]:
        return [(await asking.card(kim.contact_id, rep))["status"] for rep in REPS]

    assert await statuses() == ["withheld"] * 3
    await kim.tell(kim.assigned("ana"))
    assert await statuses() == ["offered", "withheld", "withheld"]
    await kim.tell(kim.declined("ana"), kim.assigned("ben"))
    assert await statuses() == ["withheld", "withheld", "offered"]
    await kim.tell(kim.expired("ben"), kim.assigned("ann"))
    assert await statuses() == ["withheld", "offered", "withheld"]
    await kim.tell(kim.accepted("ann"))
    assert await statuses() == ["withheld", "available", "withheld"]
    await kim.tell(kim.returned())
    assert await statuses() == ["withheld"] * 3


async def test_what_an_offer_shows_and_what_accepting_adds(kim: Parties, asking: Asking) -> None:
    await kim.tell(kim.assigned("ana"))
    offered = await asking.card(kim.contact_id, "ana")
    await kim.tell(kim.accepted("ana"))
    accepted = await asking.card(kim.contact_id, "ana")

    hidden = "[shown once accepted]"
    assert offered == {
        "contact_id": str(kim.contact_id),
        "status": "offered",
        "name": "Kim Kern",
        "job_title": None,
        "email": None,
        "phone": None,
        "country": offered["country"],
        "company": "Northwind",
        "company_otherwise": None,
        "wrote": {"message": f"Please call {hidden} or write to {hidden} before March"},
        "unverified": ["name", "country", "company"] if offered["country"] else ["name", "company"],
        "background": None,
    }
    assert accepted == offered | {
        "status": "available",
        "email": KIM["email"],
        "phone": KIM["phone"],
        "wrote": {"message": KIM["message"]},
        "unverified": accepted["unverified"],
    }


async def test_an_offer_shows_nobody_once_its_time_is_over(kim: Parties, asking: Asking) -> None:
    await kim.tell(kim.assigned("ana", until=clock.now() - timedelta(seconds=1)))

    assert (await asking.card(kim.contact_id, "ana"))["status"] == "withheld"


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        (["admin"], "available"),
        (["marketer"], "available"),
        (["analyst"], "available"),
        (["sales_manager"], "available"),
        (["rep"], "withheld"),
        (["finance"], "withheld"),
        (["rep", "finance"], "withheld"),
        (["rep", "analyst"], "available"),
    ],
)
async def test_whom_a_role_shows_without_a_hold(
    kim: Parties, asking: Asking, roles: list[str], status: str
) -> None:
    assert (await asking.card(kim.contact_id, "zoe", *roles))["status"] == status


async def test_the_news_of_one_lead_come_in_any_order(kim: Parties, asking: Asking) -> None:
    """Of its newest: an older event that comes again after it changes nothing."""
    first, declined, second = kim.assigned("ana"), kim.declined("ana"), kim.assigned("ben")
    await kim.tell(second)
    await kim.tell(first)
    await kim.tell(declined)

    assert (await asking.card(kim.contact_id, "ana"))["status"] == "withheld"
    assert (await asking.card(kim.contact_id, "ben"))["status"] == "offered"


async def test_handoffs_word_counts_while_marketing_has_not_heard(kim: Parties, asking: Asking) -> None:
    def says(state: str, version: int, lead_id: UUID = kim.lead_id) -> list[dict[str, Any]]:
        word = {"contact_id": str(kim.contact_id), "lead_id": str(lead_id)}
        return [word | {"cycle": 1, "version": version, "state": state}]

    early = await asking.card(kim.contact_id, "ana", held=says("accepted", 2))
    await kim.tell(kim.assigned("ana"))
    offered = await asking.card(kim.contact_id, "ana", held=says("offered", 1))
    accepted = await asking.card(kim.contact_id, "ana", held=says("accepted", 2))
    await kim.tell(kim.declined("ana"), kim.assigned("ben"))
    late = await asking.card(kim.contact_id, "ana", held=says("accepted", 2))
    of_nobody = await asking.card(kim.contact_id, "ana", held=says("accepted", 9, lead_id=UUID(int=5)))
    of_sales = await asking.cards([kim.contact_id], "ana", service="sales", held=says("accepted", 9))

    seen = [one["status"] for one in (early, offered, accepted, late, of_nobody)]
    assert seen == ["available", "offered", "available", "withheld", "withheld"]
    assert of_sales.status_code == 403


async def test_a_deal_shows_its_people_to_its_rep(kim: Parties, asking: Asking) -> None:
    async def shown(rep: str = "ana") -> tuple[str, int]:
        return (await asking.card(kim.contact_id, rep, service="sales"))["status"], await asking.seen(
            kim.contact_id, rep
        )

    await kim.tell(kim.opened(DEAL, "ana"))
    assert await shown() == ("available", 200)
    assert await shown("ben") == ("withheld", 404)
    await kim.tell(kim.closed(DEAL, "ana", "disqualified"))
    assert await shown() == ("withheld", 404)
    await kim.tell(kim.reopened(DEAL, "ana"))
    assert await shown() == ("available", 200)
    await kim.tell(kim.closed(DEAL, "ana", "won"))
    assert await shown() == ("available", 200)


async def test_who_is_no_rep_any_more_holds_nobody(kim: Parties, asking: Asking) -> None:
    await kim.tell(kim.assigned("ana"), kim.accepted("ana"))
    assert await asking.seen(kim.contact_id, "ana") == 200
    await kim.hire(active=False, version=2)

    assert (await asking.card(kim.contact_id, "ana"))["status"] == "withheld"
    assert await asking.seen(kim.contact_id, "ana") == 404


async def test_what_marketing_takes_back_is_offered_to_nobody(
    kim: Parties, asking: Asking, doors: Doors, keys: Keys
) -> None:
    await kim.tell(kim.assigned("ana"))
    taken = await doors.client.post(
        "/v1/submissions/withdraw",
        json={"reason": "spam", "source_id": doors.form["id"]},
        headers=keys.as_("marketer"),
    )
    assert taken.status_code == 200, taken.text

    assert (await asking.card(kim.contact_id, "ana"))["status"] == "withheld"
    await kim.tell(kim.assigned("ben"))  # handoff had not heard of it
    assert (await asking.card(kim.contact_id, "ben"))["status"] == "withheld"


async def test_who_may_be_put_on_a_deal(kim: Parties, asking: Asking, doors: Doors) -> None:
    eva = await doors.form_says(email="eva@northwind-gmbh.com", name="Eva Muster", company="Northwind")
    people = [kim.contact_id, UUID(eva["contact_id"]), UUID(int=99)]
    company = (await doors.contact(eva))["company"]["id"]
    firm = {"company_id": company}
    kim_, eva_, _ = map(str, people)

    assert await asking.joinable(people, "ana") == []
    assert await asking.joinable(people, "ana", **firm) == [kim_, eva_]
    await kim.tell(kim.assigned("ana"), kim.accepted("ana"))
    assert await asking.joinable(people, "ana") == [kim_]
    assert await asking.joinable(people, "ann") == [kim_]  # of her team
    assert await asking.joinable(people, "ben") == []
    for_ana = {"rep_id": str(REPS["ana"][0])}
    assert await asking.joinable(people, "ben", **for_ana) == []  # whoever is named, it is no way to find out
    assert await asking.joinable(people, "mia", "sales_manager", **for_ana) == [kim_]
    assert await asking.joinable(people, "ben", **firm) == [eva_]
    assert await asking.joinable(people, "mia", "sales_manager", rep_id=str(REPS["ann"][0])) == [kim_]
    assert await asking.joinable(people, "max", "sales_manager", rep_id=str(REPS["ben"][0])) == []
    assert await asking.joinable(people, "boss", "admin", rep_id=str(REPS["ben"][0])) == [kim_, eva_]
    assert await asking.joinable(people, "zoe", "marketer") == []


async def test_only_sales_asks_who_may_be_put_on_a_deal(marketing: AsyncClient, keys: Keys) -> None:
    question = {"contact_ids": [], "asked_by": "ana", "roles": ["rep"]}
    callers = {
        "sales": keys.as_service("sales", "marketing"),
        "handoff": keys.as_service("handoff", "marketing"),
        "admin": keys.as_("admin"),
        "nobody": {},
    }

    heard = {
        name: (await marketing.post("/v1/contact-holds", json=question, headers=who)).status_code
        for name, who in callers.items()
    }

    assert heard == {"sales": 200, "handoff": 403, "admin": 403, "nobody": 401}
