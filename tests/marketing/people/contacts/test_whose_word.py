"""Anybody can fill in a form: what it says of people others know, and what a rep is shown of it."""

from typing import Any

from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.support.keys import Keys

PHONE, MOBILE, ATTACKER = "+493090182000", "+4915123456789", "+4915198765432"


class Doors:
    """One form and the server's door, worked off after each lead."""

    def __init__(self, client: AsyncClient, keys: Keys, sessions: Sessions, form: dict[str, Any]) -> None:
        self.client, self.keys, self.sessions, self.form = client, keys, sessions, form

    @classmethod
    async def open(cls, client: AsyncClient, keys: Keys, sessions: Sessions) -> "Doors":
        return cls(client, keys, sessions, await new_form(client, keys, hand_raiser=True))

    async def form_says(self, **lead: Any) -> dict[str, Any]:
        assert (await submit(self.client, self.form, lead)).status_code == 202
        return await self._submission()

    async def server_says(self, **lead: Any) -> dict[str, Any]:
        told = await self.client.post("/v1/leads", json=lead, headers=self.keys.as_("admin"))
        assert told.status_code == 202, told.text
        return await self._submission()

    async def _submission(self) -> dict[str, Any]:
        await work_off(self.sessions)
        return (await submissions(self.client, self.keys))[-1]

    async def get(self, path: str, **wanted: str) -> Any:
        shown = await self.client.get(path, params=wanted, headers=self.keys.as_("analyst"))
        assert shown.status_code == 200, shown.text
        return shown.json()

    async def contact(self, submission: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self.get(f"/v1/contacts/{submission['contact_id']}")
        return found

    async def card(self, submission: dict[str, Any]) -> dict[str, Any]:
        shown = await self.client.post(
            "/v1/contact-cards",
            json={"contact_ids": [submission["contact_id"]], "asked_by": "mia", "roles": ["marketer"]},
            headers=self.keys.as_service("handoff", "marketing"),
        )
        card: dict[str, Any] = shown.json()["items"][0]
        return card


async def test_a_couple_with_one_landline_are_two_people_with_two_leads(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    eva = await doors.form_says(name="Eva Muster", phone=PHONE, email="eva@gmail.com")
    otto = await doors.form_says(name="Otto Muster", phone=PHONE, email="otto@gmail.com")
    again = await doors.form_says(name="Otto Muster", phone=PHONE, email="otto@firm.de")

    assert (eva["state"], otto["state"], again["state"]) == ("created", "created", "merged")
    assert eva["contact_id"] != otto["contact_id"] == again["contact_id"]
    shown = await doors.contact(otto)
    assert (shown["given_name"], shown["email"], shown["phone"]) == ("Otto", "otto@gmail.com", PHONE)
    assert [key["value"] for key in shown["emails"]] == ["otto@firm.de", "otto@gmail.com"]
    assert shown["phones"] == [{"value": PHONE, "unverified": True, "shared": True}]
    assert (await doors.contact(eva))["phones"] == shown["phones"]
    both = await doors.get("/v1/contacts", phone=PHONE)
    assert {one["id"] for one in both["items"]} == {eva["contact_id"], otto["contact_id"]}
    assert len((await doors.get("/v1/leads"))["items"]) == 2


async def test_two_names_at_a_role_mailbox_are_two_people(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    names = ("Eva Muster", "Otto Kern", "Otto Kern", "E. Muster")
    came = [await doors.form_says(name=name, email="info@firm.de") for name in names]

    eva, otto, otto_again, eva_again = [one["contact_id"] for one in came]
    assert eva != otto
    assert (otto_again, eva_again) == (otto, eva)
    assert len((await doors.get("/v1/contacts", email="info@firm.de"))["items"]) == 2


async def test_a_known_person_in_a_new_session_is_the_same_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    first = await doors.form_says(email="eva@firm.de", session_id="s-1")
    second = await doors.form_says(email="Eva@Firm.de", session_id="s-2", message="Once more")

    assert second["state"] == "merged"
    assert (second["contact_id"], second["lead_id"]) == (first["contact_id"], first["lead_id"])


async def test_whoever_uses_anothers_address_stands_in_the_submission(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    eva = await doors.form_says(name="Eva Muster", email="muster@gmail.com", phone=PHONE)
    otto = await doors.form_says(name="Otto Muster", email="muster@gmail.com", phone=MOBILE)

    assert otto["contact_id"] == eva["contact_id"]
    detail = await doors.get(f"/v1/submissions/{otto['id']}")
    assert (detail["captured"]["given_name"], detail["captured"]["phone"]) == ("Otto", MOBILE)
    shown = await doors.contact(eva)
    assert (shown["given_name"], shown["phone"]) == ("Eva", PHONE)
    assert {key["value"] for key in shown["phones"]} == {PHONE, MOBILE}


async def test_a_stranger_neither_changes_nor_hides_in_what_a_sender_said(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    boss = {"email": "boss@target-co.com", "given_name": "Bea", "family_name": "Boss"}
    known = await doors.server_says(**boss, company_name="Target AG")
    evil = {"email": boss["email"], "name": "Mallory Evil", "company": "Evil Ltd"}
    forged = await doors.form_says(
        **evil, phone=ATTACKER, title="CEO", verified="phone", trust="authenticated"
    )

    assert forged["contact_id"] == known["contact_id"]
    shown = await doors.contact(known)
    assert (shown["given_name"], shown["family_name"], shown["company_name"]) == ("Bea", "Boss", "Target AG")
    assert (shown["phone"], shown["job_title"]) == (ATTACKER, "CEO")
    assert {"phone", "job_title"} <= set(shown["unverified"])
    assert not {"email", "given_name", "family_name", "company_name"} & set(shown["unverified"])
    assert shown["emails"] == [{"value": boss["email"], "unverified": False, "shared": False}]
    assert shown["phones"] == [{"value": ATTACKER, "unverified": True, "shared": False}]
    card = await doors.card(known)
    assert (card["name"], card["phone"], card["company"]) == ("Bea Boss", ATTACKER, "Target AG")
    assert card["unverified"] == ["job_title", "phone", "country"]

    await doors.server_says(**boss, phone=PHONE, job_title="Buyer")
    await doors.form_says(**evil, title="CEO")
    async with marketing_sessions() as session:
        assert await session.scalar(text("SELECT facts->>'job_title' FROM leads")) == "Buyer"
    shown = await doors.contact(known)
    assert (shown["phone"], shown["job_title"]) == (PHONE, "Buyer")
    assert not {"phone", "job_title"} & set(shown["unverified"])
    assert {(key["value"], key["unverified"]) for key in shown["phones"]} == {
        (PHONE, False),
        (ATTACKER, True),
    }
    assert (await doors.card(known))["unverified"] == []


async def test_a_company_is_named_by_the_best_source_not_by_the_first_stranger(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    fake = await doors.form_says(
        email="x@bigcorp-target.com", name="Xaver Kern", company="Fake Ltd", company_size=100_000
    )
    [company] = (await doors.get("/v1/companies", domain="bigcorp-target.com"))["items"]
    assert (company["name"], company["size"]) == ("Fake Ltd", 100_000)
    assert {"name", "size"} <= set(company["unverified"])

    real = await doors.server_says(email="ceo@bigcorp-target.com", company_name="BigCorp AG", company_size=50)
    await doors.form_says(email="y@bigcorp-target.com", company="Other Ltd", company_size=90_000)
    [company] = (await doors.get("/v1/companies", domain="bigcorp-target.com"))["items"]
    assert (company["name"], company["size"]) == ("BigCorp AG", 50)
    assert not {"name", "size"} & set(company["unverified"])
    assert (await doors.contact(real))["company"] == company
    assert (await doors.card(real))["company"] == "BigCorp AG"
    card = await doors.card(fake)
    assert (card["company"], card["company_otherwise"]) == ("BigCorp AG", "Fake Ltd")
    assert "company" not in card["unverified"]
    assert "company_otherwise" in card["unverified"]
    async with marketing_sessions() as session:
        told = text("SELECT (facts->>'company_size')::int FROM leads ORDER BY contact_id")
        assert (await session.scalars(told)).all() == [100_000, 50, 50]


async def test_firms_of_one_hosting_domain_are_called_as_each_of_them_says(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    came = [
        await doors.form_says(email=f"ada@corp{number}.example.com", company=f"Corp{number}")
        for number in range(6)
    ]

    shown = [await doors.contact(one) for one in came]
    assert [one["company_name"] for one in shown] == [f"Corp{number}" for number in range(6)]
    assert {one["company"]["name"] for one in shown} == {"Corp0"}
    cards = [await doors.card(one) for one in came]
    assert [card["company"] for card in cards] == [f"Corp{number}" for number in range(6)]
    assert [card["company_otherwise"] for card in cards] == [None, *["Corp0"] * 5]


async def test_what_others_tell_of_a_visit_is_their_word(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    visit = {"kind": "visit", "email": "eva@firm.de"}
    told = await marketing.post("/v1/touches", json=visit, headers=keys.as_("admin"))
    assert told.is_success, told.text

    [contact] = (await doors.get("/v1/contacts", email="eva@firm.de"))["items"]
    assert "email" not in contact["unverified"]
