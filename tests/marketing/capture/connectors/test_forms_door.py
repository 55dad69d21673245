"""The form's door over HTTP: what it takes, what it refuses, what becomes of it."""

from typing import Any

from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, work_off
from tests.support.keys import Keys

ADA = {"name": "Ada Nowak", "email": "Ada.Nowak@Muster-GmbH.com", "company": "Muster GmbH"}


async def test_a_submission_becomes_a_contact_and_a_lead(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    answer = await submit(marketing, form, {**ADA, "company_size": "51-200"})
    assert answer.status_code == 202
    path = f"/v1/submissions/{answer.json()['submission_id']}"
    shown = (await marketing.get(path, headers=keys.as_("marketer"))).json()
    assert (answer.json()["status"], shown["state"], shown["waits_for"]) == (
        "pending",
        "pending",
        "processing",
    )

    await work_off(marketing_sessions)

    shown = (await marketing.get(path, headers=keys.as_("marketer"))).json()
    assert shown["state"] == "created"
    assert shown["captured"]["company_size"] == 51
    contact = (
        await marketing.get(f"/v1/contacts/{shown['contact_id']}", headers=keys.as_("marketer"))
    ).json()
    assert contact["email"] == "ada.nowak@muster-gmbh.com"
    assert (contact["given_name"], contact["family_name"]) == ("Ada", "Nowak")
    company = (
        await marketing.get(f"/v1/companies/{contact['company_id']}", headers=keys.as_("marketer"))
    ).json()
    assert (company["domain"], company["name"], company["size"]) == ("muster-gmbh.com", "Muster GmbH", 51)


async def test_the_second_submission_of_a_person_merges(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    for _ in range(2):
        await submit(marketing, form, ADA)
        await work_off(marketing_sessions)

    first, second = await submissions(marketing, keys)
    assert (first["state"], second["state"]) == ("created", "merged")
    assert first["lead_id"] == second["lead_id"]
    assert (await balance(marketing, keys))["holds"]


async def test_plain_html_forms_are_understood(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}/submissions"
    urlencoded = b"name=Ada+Nowak&email=ada%40muster-gmbh.com&topics=a&topics=b"
    multipart = (
        b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nben@muster-gmbh.com\r\n'
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nBen Ito\r\n--x--\r\n'
    )
    for body, kind in (
        (urlencoded, "application/x-www-form-urlencoded; charset=UTF-8"),
        (multipart, "multipart/form-data; boundary=x"),
    ):
        answer = await marketing.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code == 202
    await work_off(marketing_sessions)
    assert [one["state"] for one in await submissions(marketing, keys)] == ["created", "created"]


async def test_a_browser_is_sent_back_to_the_site(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys, redirect_url="https://www.example.com/thanks")
    path = f"/v1/forms/{form['key']}/submissions"
    answer = await marketing.post(path, data={"email": "a@b.co"}, headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.example.com/thanks")


async def test_a_repeat_is_answered_with_the_first_id(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    answers = [
        await submit(marketing, form, ADA, **{"idempotency-key": key}) for key in ('"one"', "one", "two")
    ]
    ids = [answer.json()["submission_id"] for answer in answers]
    assert ids[0] == ids[1] != ids[2]

    await work_off(marketing_sessions)
    found = await balance(marketing, keys)
    assert found["holds"]
    assert (found["deliveries"]["received"], found["deliveries"]["repeat"]) == (3, 1)
    assert found["submissions"]["made"] == 2


BAD = [
    (b"not multipart", "multipart/form-data; boundary=x", 400),
    (b"not multipart", "multipart/form-data", 400),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x", 400),
    (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=y\r\n'
        b"\r\n1\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
        400,
    ),
    (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 201 + b"--x--\r\n",
        "multipart/form-data; boundary=x",
        400,
    ),
    (b'{"a":"' + b"x" * 70_000 + b'"}', "application/json", 413),
]


async def test_what_no_form_can_have_made_is_refused_and_not_kept(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}/submissions"
    for body, content_type, status in BAD:
        answer = await marketing.post(path, content=body, headers={"content-type": content_type})
        assert answer.status_code == status, (body[:60], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await balance(marketing, keys))["deliveries"]["received"] == 0


async def test_an_unknown_form_is_not_found(marketing: AsyncClient, keys: Keys) -> None:
    assert (await marketing.post("/v1/forms/pk_no/submissions", json=ADA)).status_code == 404
    form = await new_form(marketing, keys)
    closed = await marketing.patch(
        f"/v1/forms/{form['id']}", json={"active": False}, headers=keys.as_("admin")
    )
    assert closed.status_code == 200
    assert (await submit(marketing, form, ADA)).status_code == 404


async def test_an_idempotency_key_has_to_be_one(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    assert (await submit(marketing, form, ADA, **{"idempotency-key": "x" * 300})).status_code == 400


SETTLED: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Nobody"}, "rejected", "no_contact"),
    ({"email": "no address@", "phone": "12"}, "rejected", "no_contact"),
    ({"email": "a@b.co", "website_2": "filled"}, "quarantined", "honeypot"),
    ({"email": "a@mailinator.com"}, "quarantined", "disposable_email"),
    ({"email": "a@b.co", "message": "http://a http://b http://c http://d"}, "quarantined", "links"),
    ({"email": "a@b.co", "name": "see https://spam.example"}, "quarantined", "link_in_name"),
]


async def test_spam_is_set_aside_and_unreachable_people_are_rejected(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys, honeypot_field="website_2")
    for values, _, _ in SETTLED:
        assert (await submit(marketing, form, values)).status_code in (202, 422)
    await work_off(marketing_sessions)
    found = await submissions(marketing, keys)
    assert [(one["state"], one["reason"]) for one in found] == [(state, why) for _, state, why in SETTLED]
    assert all(one["detail"] for one in found)
    assert (await balance(marketing, keys))["holds"]


async def test_what_a_person_releases_is_not_held_back_again(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"email": "a@mailinator.com"})
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)

    path = f"/v1/submissions/{found['id']}/replay"
    assert (await marketing.post(path, headers=keys.as_("analyst"))).status_code == 403
    assert (await marketing.post(path, headers=keys.as_("marketer"))).status_code == 200
    await work_off(marketing_sessions)

    [found] = await submissions(marketing, keys)
    assert found["state"] == "created"
    again = await marketing.post(path, headers=keys.as_("marketer"))
    assert again.status_code == 409
    assert "created" in again.json()["detail"]
    assert (await balance(marketing, keys))["holds"]


async def test_a_better_mapping_saves_what_was_rejected(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    await submit(marketing, form, {"wie erreichen wir Sie?": "030 901820"})
    await work_off(marketing_sessions)
    change = {"field_mapping": {"wie erreichen wir Sie?": "phone"}, "country": "DE"}
    changed = await marketing.patch(f"/v1/forms/{form['id']}", json=change, headers=keys.as_("marketer"))
    assert changed.status_code == 200

    replayed = await marketing.post(
        "/v1/submissions/replay", json={"state": "rejected"}, headers=keys.as_("marketer")
    )
    assert replayed.json() == {"replayed": 1, "more": False}
    await work_off(marketing_sessions)
    [found] = await submissions(marketing, keys)
    assert found["state"] == "created"
