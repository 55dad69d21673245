"""Own lead generation: a rep finds or makes people, and nobody is taken from a colleague or from routing."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from shared import clock
from shared.database.sessions import Sessions, driver
from tests.marketing.people.contacts.test_whose_word import Doors
from tests.marketing.people.holds.parties import REPS, Asking, Parties
from tests.support.keys import Keys

EVA = {
    "email": "Eva.Muster@northwind-gmbh.com",
    "given_name": "Eva",
    "family_name": "Muster",
    "phone": "+49 30 90182000",
    "job_title": "Head of IT",
    "company_name": "Northwind",
    "country": "Germany",
}
KIM = {"email": "kim@northwind-gmbh.com", "name": "Kim Kern", "company": "Northwind"}
DEAL = UUID(int=41)


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


class Desk:
    """A person of sales at marketing's prospects."""

    def __init__(self, http: AsyncClient, keys: Keys, subject: str, role: str = "rep") -> None:
        self.http, self.who = http, keys.as_(role, subject=subject)

    async def add(self, **form: Any) -> Response:
        return await self.http.post("/v1/prospects", json=form, headers=self.who)

    async def search(self, **wanted: str) -> Any:
        found = await self.http.post("/v1/prospects/search", json=wanted, headers=self.who)
        assert found.status_code == 200, found.text
        return found.json()

    async def status(self, **wanted: str) -> str:
        [found] = (await self.search(**wanted))["items"]
        return str(found["status"])


@pytest.fixture
def ana(marketing: AsyncClient, keys: Keys) -> Desk:
    return Desk(marketing, keys, "ana")


@pytest.fixture
def ben(marketing: AsyncClient, keys: Keys) -> Desk:
    return Desk(marketing, keys, "ben")


async def test_a_rep_makes_a_person_and_has_them_in_hand(
    kim: Parties, ana: Desk, ben: Desk, asking: Asking, doors: Doors, marketing_sessions: Sessions
) -> None:
    made = await ana.add(**EVA)
    again = await ana.add(**EVA)

    assert (made.status_code, again.status_code) == (201, 200)
    eva = made.json()
    assert (eva["status"], eva["name"], eva["company"]) == ("yours", "Eva Muster", "Northwind")
    assert again.json() == eva  # claiming again makes it no longer
    contact_id = UUID(eva["contact_id"])
    assert (await asking.card(contact_id, "ana"))["phone"] == "+493090182000"
    assert await asking.joinable([contact_id], "ana") == [eva["contact_id"]]
    assert await asking.joinable([contact_id], "ben", company_id=eva["company_id"]) == []
    assert await ben.search(email=EVA["email"]) == {
        "items": [
            {
                "status": "held",
                "contact_id": None,
                "name": None,
                "company_id": None,
                "company": None,
                "held_by": "ana",
                "held_until": None,
            }
        ],
        "company": None,
    }
    assert (await doors.contact(eva))["unverified"] == []
    counted = await rows(
        marketing_sessions, "SELECT count(*) FROM leads UNION ALL SELECT count(*) FROM touches"
    )
    assert counted == [1, 1]  # Kim's: a prospect makes no lead, no touch, and qualifies nobody


async def test_nobody_is_taken_from_a_colleague(kim: Parties, ana: Desk, ben: Desk, doors: Doors) -> None:
    await kim.tell(kim.assigned("ben"), kim.accepted("ben"))

    taken = await ana.add(email=KIM["email"], phone="+49 30 111111", given_name="Mallory")

    assert taken.status_code == 409
    assert taken.json()["detail"].startswith("ben has this person in hand")
    kept = await doors.contact({"contact_id": str(kim.contact_id)})
    assert (kept["given_name"], kept["phone"]) == ("Kim", None)
    assert (await ben.add(email=KIM["email"])).status_code == 200


@pytest.mark.parametrize(
    ("news", "status"),
    [
        ([], "routed"),  # qualified a moment ago: handoff has it
        (["assigned ben"], "routed"),
        (["assigned ben", "declined ben"], "routed"),
        (["assigned ana"], "routed"),  # an offer is answered, not gone round
        (["assigned ben", "accepted ben", "returned"], "free"),
        (["assigned ben", "accepted ben", "lost ben"], "free"),
        (["assigned ben", "accepted ben", "won ben"], "held"),
        (["assigned ben", "accepted ben", "opened ben"], "held"),
        (["assigned ana", "accepted ana"], "yours"),
    ],
)
async def test_who_is_at_somebody_known(kim: Parties, ana: Desk, news: list[str], status: str) -> None:
    for one in news:
        what, _, rep = one.partition(" ")
        match what:
            case "won" | "lost":
                await kim.tell(kim.opened(DEAL, rep, cycle=1), kim.closed(DEAL, rep, what, cycle=1))
            case "opened":
                await kim.tell(kim.opened(DEAL, rep, cycle=1))
            case "returned":
                await kim.tell(kim.returned())
            case _:
                await kim.tell(getattr(kim, what)(rep))

    assert await ana.status(email=KIM["email"]) == status
    assert (await ana.add(email=KIM["email"])).status_code == (200 if status in ("free", "yours") else 409)


async def test_of_two_who_find_the_same_person_at_once_one_has_them(
    kim: Parties, ana: Desk, ben: Desk
) -> None:
    both = await asyncio.gather(ana.add(**EVA), ben.add(**EVA))

    assert sorted(one.status_code for one in both) == [201, 409]


async def test_a_claim_without_a_deal_ends(
    kim: Parties, ana: Desk, ben: Desk, marketing_sessions: Sessions
) -> None:
    assert (await ana.add(**EVA)).status_code == 201
    await rows(
        marketing_sessions,
        "UPDATE contact_holds SET until = $1 WHERE kind = 'claim' RETURNING 1",
        clock.now() - timedelta(seconds=1),
    )

    assert await ben.status(email=EVA["email"]) == "free"
    assert (await ben.add(**EVA)).status_code == 200
    assert (await ana.add(**EVA)).status_code == 409


async def test_what_is_looked_for(kim: Parties, ana: Desk, doors: Doors) -> None:
    eva = (await ana.add(**EVA)).json()
    await doors.server_says(external_id="crm-17", email="old@northwind-gmbh.com", name="Old Friend")

    assert [one["contact_id"] for one in (await ana.search(phone="030 90182000", country="DE"))["items"]] == [
        eva["contact_id"]
    ]
    [friend] = (await ana.search(external_id="crm-17"))["items"]
    assert (friend["status"], friend["name"]) == ("free", "Old Friend")
    assert (await ana.search(external_id="crm-18"))["items"] == []
    company = (await ana.search(domain="www.northwind-gmbh.com"))["company"]
    assert (company["id"], company["name"]) == (eva["company_id"], "Northwind")
    assert (await ana.search(domain="nobody-gmbh.com"))["company"] is None


@pytest.mark.parametrize(
    ("subject", "role", "rep", "answer"),
    [
        ("mia", "sales_manager", "ana", 201),
        ("mia", "sales_manager", "ben", 422),  # of another team
        ("mia", "sales_manager", None, 422),  # she is no rep
        ("ana", "rep", "ann", 422),
        ("zoe", "rep", None, 422),  # whom handoff has not told of
        ("boss", "admin", "ben", 201),
        ("lea", "marketer", None, 201),  # nobody's yet
    ],
)
async def test_for_whom_one_makes_a_prospect(
    kim: Parties, marketing: AsyncClient, keys: Keys, subject: str, role: str, rep: str | None, answer: int
) -> None:
    named = {"rep_id": str(REPS[rep][0])} if rep else {}

    made = await Desk(marketing, keys, subject, role).add(**EVA, **named)

    assert made.status_code == answer, made.text
    if answer == 201:
        assert made.json()["status"] == ("yours" if rep else "free")


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"phone": "12"}, "/phone"),
        ({"email": EVA["email"], "domain": "gmail.com"}, "/domain"),
        ({"email": EVA["email"], "country": "Atlantis"}, "/country"),
        ({"given_name": "Eva"}, ""),
    ],
)
async def test_what_cannot_be_used_is_named(kim: Parties, ana: Desk, form: Any, pointer: str) -> None:
    refused = await ana.add(**form)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


@pytest.mark.parametrize("wanted", [{}, {"email": "a@b.de", "domain": "b.de"}, {"phone": "1"}])
async def test_a_search_is_for_one_exact_thing(
    marketing: AsyncClient, ana: Desk, wanted: dict[str, str]
) -> None:
    answer = await marketing.post("/v1/prospects/search", json=wanted, headers=ana.who)

    assert answer.status_code == 422


async def rows(sessions: Sessions, query: str, *values: Any) -> list[Any]:
    async with sessions.begin() as session:
        return [row[0] for row in await (await driver(session)).fetch(query, *values)]
