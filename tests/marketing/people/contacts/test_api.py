"""People, companies and cards over HTTP."""

from httpx import AsyncClient

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.support.keys import Keys

ADA = {"name": "Ada Nowak", "email": "ada@muster-gmbh.com", "phone": "+4930901820", "company": "Muster GmbH"}


async def test_a_person_is_found_by_any_key_and_shows_what_happened(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, hand_raiser=True)
    await submit(marketing, form, ADA)
    await submit(marketing, form, {"email": "ada@web.de", "phone": "+4930901820", "name": "Ada Nowak"})
    await submit(marketing, form, {"email": "ben@muster-gmbh.com"})
    await work_off(marketing_sessions)
    reader = keys.as_("analyst")

    by_mail = (await marketing.get("/v1/contacts?email=Ada@WEB.de", headers=reader)).json()["items"]
    by_phone = (await marketing.get("/v1/contacts?phone=%2B49 30 901820", headers=reader)).json()["items"]
    assert len(by_mail) == 1
    assert by_mail == by_phone
    assert by_mail[0]["email"] == "ada@muster-gmbh.com"
    everyone = (await marketing.get("/v1/contacts", headers=reader)).json()["items"]
    assert len(everyone) == 2
    company_id = by_mail[0]["company_id"]
    of_company = await marketing.get(f"/v1/contacts?company_id={company_id}", headers=reader)
    assert len(of_company.json()["items"]) == 2
    [company] = (await marketing.get("/v1/companies?domain=muster-gmbh.com", headers=reader)).json()["items"]
    assert (company["id"], company["name"]) == (company_id, "Muster GmbH")

    path = f"/v1/contacts/{by_mail[0]['id']}/timeline"
    timeline = (await marketing.get(path, headers=reader)).json()["items"]
    happened = [(one["kind"], one["what"]) for one in timeline]
    assert happened.count(("touch", "submission")) == 2
    assert ("submission", "created") in happened
    assert ("stage", "mql") in happened
    assert [one["at"] for one in timeline] == sorted((one["at"] for one in timeline), reverse=True)


async def test_cards_are_for_services_only(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, ADA)
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    nobody = str(clock.new_id())
    wanted = {"contact_ids": [nobody, found["contact_id"]], "asked_by": "mia", "roles": ["marketer"]}

    for stranger in (keys.as_("admin"), keys.as_("rep"), {}):
        refused = await marketing.post("/v1/contact-cards", json=wanted, headers=stranger)
        assert refused.status_code in (401, 403)
    for_another = keys.as_service("sales", "handoff")
    refused = await marketing.post("/v1/contact-cards", json=wanted, headers=for_another)
    assert refused.status_code == 401
    answer = await marketing.post(
        "/v1/contact-cards", json=wanted, headers=keys.as_service("sales", "marketing")
    )
    gone, card = answer.json()["items"]
    assert (gone["contact_id"], gone["status"], gone["name"]) == (nobody, "erased", None)
    assert card == {
        "contact_id": found["contact_id"],
        "status": "available",
        "name": "Ada Nowak",
        "job_title": None,
        "email": "ada@muster-gmbh.com",
        "phone": "+4930901820",
        "country": "DE",
        "company": "Muster GmbH",
        "company_otherwise": None,
        "wrote": {},
        "unverified": ["name", "email", "phone", "country", "company"],
        "background": None,
    }
    many = {"contact_ids": [nobody] * 201, "asked_by": "mia"}
    too_many = await marketing.post(
        "/v1/contact-cards", json=many, headers=keys.as_service("sales", "marketing")
    )
    assert too_many.status_code == 422
    most = {"contact_ids": [str(clock.new_id()) for _ in range(200)], "asked_by": "mia"}
    enough = await marketing.post(
        "/v1/contact-cards", json=most, headers=keys.as_service("sales", "marketing")
    )
    assert len(enough.json()["items"]) == 200


async def test_a_form_never_overwrites_what_somebody_vouched_for(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "ada@muster-gmbh.com", "name": "Ada Wrong"})
    await work_off(marketing_sessions)
    vouched = {
        "email": "ada@muster-gmbh.com",
        "given_name": "Ada",
        "family_name": "Nowak",
        "verified": ["given_name", "family_name", "email"],
    }
    await marketing.post("/v1/leads", json=vouched, headers=keys.as_("admin"))
    await work_off(marketing_sessions)
    await submit(marketing, form, {"email": "ada@muster-gmbh.com", "name": "Mallory Evil", "title": "CEO"})
    await work_off(marketing_sessions)

    [contact] = (await marketing.get("/v1/contacts", headers=keys.as_("admin"))).json()["items"]
    assert (contact["given_name"], contact["family_name"], contact["job_title"]) == ("Ada", "Nowak", "CEO")
    assert contact["verified"] == ["email", "family_name", "given_name"]
