"""Forms as their builders send them, from the door to the contact."""

from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form, submissions, submit, work_off
from tests.support.keys import Keys

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


async def test_contact_form_7s_own_form_is_a_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    body = "_wpcf7=12&your-name=Cora+Seven&your-email=cora@acme.example&your-message=Hi"
    answer = await marketing.post(f"/v1/forms/{form['key']}/submissions", content=body, headers=URLENCODED)
    assert answer.status_code == 202
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert found["state"] == "created"
    shown = await marketing.get(f"/v1/submissions/{found['id']}", headers=keys.as_("analyst"))
    captured = shown.json()["captured"]
    assert (captured["email"], captured["given_name"]) == ("cora@acme.example", "Cora")
    assert captured["answers"] == {"message": "Hi"}


async def test_a_number_without_its_country_waits_for_the_forms(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"name": "Cora Seven", "telefon": "030 901820"})
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert (found["state"], found["reason"]) == ("quarantined", "phone_unclear")

    await marketing.patch(f"/v1/forms/{form['id']}", json={"country": "DE"}, headers=keys.as_("marketer"))
    await marketing.post(f"/v1/submissions/{found['id']}/replay", headers=keys.as_("marketer"))
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert found["state"] == "created"
