"""A person corrected: over HTTP, with what forms and servers say before and after."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.people.corrections.doors import BEA, MOBILE, OTHER, PHONE, Desk
from tests.support.keys import Keys


@pytest.fixture
async def desk(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Desk:
    opened = await Desk.open(marketing, keys, marketing_sessions)
    assert isinstance(opened, Desk)
    return opened


async def path_of(desk: Desk) -> str:
    known = await desk.server_says(**BEA, phone=PHONE, job_title="Buyer", company_name="Target AG")
    return f"/v1/contacts/{known['contact_id']}"


async def test_a_correction_is_shown_and_holds_against_every_source(desk: Desk) -> None:
    path = await path_of(desk)

    fields = {"phone": "+49 151 23456789", "country": "Austria", "job_title": "CEO", "family_name": "Bossy"}
    shown = await desk.correct(path, **fields)
    assert (shown["phone"], shown["country"], shown["job_title"], shown["family_name"]) == (
        *(MOBILE, "AT"),
        *("CEO", "Bossy"),
    )
    assert shown["corrected"] == ["country", "family_name", "job_title", "phone"]
    assert "phone" not in shown["unverified"]
    assert shown["given_name"] == "Bea"

    await desk.form_says(email=BEA["email"], name="Mallory Evil", phone=OTHER, title="Intern", country="FR")
    vouched = {"phone": OTHER, "job_title": "Clerk", "country": "CH", "verified": ["phone", "job_title"]}
    await desk.server_says(**BEA, **vouched)
    again = await desk.get(path)
    for name in ("phone", "country", "job_title", "family_name", "given_name", "corrected"):
        assert again[name] == shown[name], name
    assert {key["value"] for key in again["phones"]} == {PHONE, MOBILE, OTHER}

    history = await desk.history(path)
    assert set(history[:4]) == {
        ("offered", "phone", MOBILE, OTHER, None),
        ("offered", "job_title", "CEO", "Clerk", None),
        ("offered", "country", "AT", "CH", None),
        ("offered", "family_name", "Bossy", "Boss", None),
    }
    assert set(history[4:]) == {
        ("corrected", "phone", PHONE, MOBILE, "mia"),
        ("corrected", "country", "DE", "AT", "mia"),
        ("corrected", "job_title", "Buyer", "CEO", "mia"),
        ("corrected", "family_name", "Boss", "Bossy", "mia"),
    }
    await desk.server_says(**BEA, **vouched, message="Once more")
    assert await desk.history(path) == history


async def test_what_was_emptied_stays_empty(desk: Desk) -> None:
    path = await path_of(desk)

    await desk.correct(path, job_title=None, phone=None)
    await desk.form_says(email=BEA["email"], title="CEO", phone=OTHER)
    await desk.server_says(**BEA, phone=OTHER, job_title="CEO")

    shown = await desk.get(path)
    assert (shown["job_title"], shown["phone"]) == (None, None)
    # The number that was cleared is not theirs; what came later leads to them, and is shown as such.
    assert {key["value"] for key in shown["phones"]} == {OTHER}


async def test_a_title_holds_for_a_year_and_a_name_for_good(desk: Desk) -> None:
    path = await path_of(desk)
    await desk.correct(path, job_title="CEO", given_name="Beatrix")
    long_ago = (clock.now() - timedelta(days=366)).isoformat()
    async with desk.sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE contacts SET corrected = "
                "jsonb_build_object('job_title', CAST(:at AS text), 'given_name', :at)"
            ),
            {"at": long_ago},
        )

    assert (await desk.get(path))["corrected"] == ["given_name"]
    await desk.form_says(email=BEA["email"], title="Intern")
    assert (await desk.get(path))["job_title"] == "CEO"
    await desk.server_says(**BEA, job_title="Chair")
    shown = await desk.get(path)
    assert (shown["job_title"], shown["given_name"]) == ("Chair", "Beatrix")


async def test_a_corrected_address_leads_to_the_person_and_so_does_the_former_one(desk: Desk) -> None:
    path = await path_of(desk)

    await desk.correct(path, email="Bea.Boss@Target-Co.com")
    new = await desk.form_says(email="bea.boss@target-co.com", message="Hello")
    old = await desk.form_says(email=BEA["email"], message="Hello again")

    assert f"/v1/contacts/{new['contact_id']}" == path == f"/v1/contacts/{old['contact_id']}"
    shown = await desk.get(path)
    assert shown["email"] == "bea.boss@target-co.com"
    assert {key["value"] for key in shown["emails"]} == {"bea.boss@target-co.com", BEA["email"]}


async def test_an_address_of_somebody_else_is_theirs_until_it_is_cleared_there(desk: Desk) -> None:
    path = await path_of(desk)
    other = await desk.form_says(email="otto@target-co.com", name="Otto Kern")

    refused = await desk.send(path, {"email": "otto@target-co.com"})
    assert refused.status_code == 409
    assert other["contact_id"] in refused.json()["detail"]
    assert (await desk.get(path))["email"] == BEA["email"]

    await desk.correct(f"/v1/contacts/{other['contact_id']}", email=None)
    shown = await desk.correct(path, email="otto@target-co.com")
    assert shown["email"] == "otto@target-co.com"
    came = await desk.form_says(email="otto@target-co.com", message="It is me")
    assert f"/v1/contacts/{came['contact_id']}" == path


async def test_a_number_and_a_role_mailbox_may_be_several_peoples(desk: Desk) -> None:
    path = await path_of(desk)
    otto = await desk.form_says(email="info@target-co.com", name="Otto Kern", phone=MOBILE)

    shown = await desk.correct(path, phone=MOBILE, email="info@target-co.com")
    assert (shown["phone"], shown["email"]) == (MOBILE, "info@target-co.com")
    assert {key["value"]: key["shared"] for key in shown["phones"]}[MOBILE] is True
    again = await desk.form_says(name="Otto Kern", phone=MOBILE, message="Call me")
    assert again["contact_id"] == otto["contact_id"]

    # The owner's is cleared: whoever has it beside is its owner now.
    await desk.correct(f"/v1/contacts/{otto['contact_id']}", phone=None)
    bea = await desk.form_says(name="Bea Boss", phone=MOBILE)
    assert f"/v1/contacts/{bea['contact_id']}" == path


async def test_the_next_arrival_is_scored_by_what_is_right(desk: Desk) -> None:
    path = await path_of(desk)
    await desk.correct(path, job_title="Intern", country="AT")
    facts = text("SELECT facts->>'job_title', facts->>'country' FROM leads")
    async with desk.sessions() as session:
        assert tuple((await session.execute(facts)).one()) == ("Buyer", "DE")

    await desk.form_says(email=BEA["email"], title="CEO", country="DE", message="Hello")
    async with desk.sessions() as session:
        assert tuple((await session.execute(facts)).one()) == ("Intern", "AT")


async def test_a_correction_says_which_version_it_is_of(desk: Desk) -> None:
    path = await path_of(desk)
    seen = (await desk.read(path)).headers["etag"]

    first = await desk.send(path, {"job_title": "CEO"}, seen=seen)
    assert first.status_code == 200
    stale = await desk.send(path, {"job_title": "CFO"}, seen=seen)
    assert stale.status_code == 412
    odd = await desk.send(path, {"job_title": "CFO"}, seen='W/"1"')
    assert odd.status_code == 412
    assert (await desk.get(path))["job_title"] == "CEO"
    fresh = await desk.send(path, {"job_title": "CFO"}, seen=first.headers["etag"])
    assert (fresh.status_code, fresh.json()["job_title"]) == (200, "CFO")
    assert (await desk.send(path, {"job_title": "COO"}, seen="*")).status_code == 200
    # A submission that changes something is a new version, too.
    seen = (await desk.read(path)).headers["etag"]
    await desk.server_says(**BEA, language="de")
    assert (await desk.send(path, {"region": "Berlin"}, seen=seen)).status_code == 412


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, [""]),
        ([], [""]),
        ({"job_titel": "CEO"}, ["/job_titel"]),
        ({"verified": ["email"]}, ["/verified"]),
        ({"company_id": None}, ["/company_id"]),
        ({"email": "no address"}, ["/email"]),
        ({"email": 7, "phone": ["+4930901820"]}, ["/email", "/phone"]),
        ({"phone": "0" * 61}, ["/phone"]),
        ({"given_name": "x" * 201, "family_name": {"a": 1}}, ["/family_name", "/given_name"]),
        ({"given_name": "A\x1b[31m", "country": "Atlantis", "time_zone": "x"}, None),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_named(
    fields: object, pointers: list[str] | None, desk: Desk
) -> None:
    path = await path_of(desk)
    before = await desk.get(path)

    refused = await desk.send(path, fields)

    assert refused.status_code == 422, refused.text
    named = sorted(error["pointer"] for error in refused.json()["errors"])
    assert named == (pointers if pointers is not None else ["/country", "/given_name", "/time_zone"])
    assert await desk.get(path) == before
    assert await desk.history(path) == []


async def test_what_no_database_can_store_is_no_text(desk: Desk) -> None:
    path = await path_of(desk)

    assert (await desk.send(path, {"given_name": "A\x00"})).status_code == 400
    assert (await desk.send(path, {"given_name": "x" * 70_000})).status_code == 413


async def test_nobody_is_nobody(desk: Desk) -> None:
    nobody = f"/v1/contacts/{clock.new_id()}"

    assert (await desk.send(nobody, {"job_title": "CEO"})).status_code == 404
    assert (await desk.read(f"{nobody}/history")).status_code == 404
    assert (await desk.read(nobody)).status_code == 404
