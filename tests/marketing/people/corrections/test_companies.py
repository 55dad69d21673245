"""A company corrected: its name, its domain, and what its people's forms say afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.people.corrections.doors import BEA, Desk
from tests.support.keys import Keys


@pytest.fixture
async def desk(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Desk:
    opened = await Desk.open(marketing, keys, marketing_sessions)
    assert isinstance(opened, Desk)
    return opened


async def company(desk: Desk, domain: str = "target-co.com") -> dict[str, Any]:
    [found] = (await desk.get("/v1/companies", domain=domain))["items"]
    known: dict[str, Any] = found
    return known


async def path_of(desk: Desk) -> str:
    await desk.form_says(email=BEA["email"], name="Bea Boss", company="Fake Ltd", company_size=100_000)
    return f"/v1/companies/{(await company(desk))['id']}"


async def test_a_corrected_company_holds_against_every_source(desk: Desk) -> None:
    path = await path_of(desk)

    shown = await desk.correct(path, name="Target AG", size=50, industry="Steel works", country="Austria")
    assert (shown["name"], shown["size"], shown["industry"], shown["country"]) == (
        *("Target AG", 50),
        *("steel_works", "AT"),
    )
    assert shown["corrected"] == ["country", "industry", "name", "size"]
    assert not {"name", "size"} & set(shown["unverified"])

    told = {"company_name": "Target Holding", "company_size": 900, "industry": "software"}
    await desk.form_says(email="otto@target-co.com", company="Evil Ltd", company_size=9)
    came = await desk.server_says(email="ceo@target-co.com", given_name="Cara", **told)
    again = await company(desk)
    assert {name: again[name] for name in ("name", "size", "industry", "country", "corrected")} == {
        name: shown[name] for name in ("name", "size", "industry", "country", "corrected")
    }
    card = await desk.card(came)
    assert (card["company"], card["company_otherwise"]) == ("Target AG", "Target Holding")
    assert "company" not in card["unverified"]
    history = await desk.history(path)
    assert set(history[:3]) == {
        ("offered", "name", "Target AG", "Target Holding", None),
        ("offered", "size", "50", "900", None),
        ("offered", "industry", "steel_works", "software", None),
    }
    assert ("corrected", "size", "100000", "50", "mia") in history[3:]
    assert len(history) == 7


async def test_what_was_emptied_stays_empty_and_a_size_for_a_year_only(desk: Desk) -> None:
    path = await path_of(desk)
    await desk.correct(path, name=None, size=None)
    told = {"company_name": "Target AG", "company_size": 50, "industry": "steel"}
    await desk.server_says(email="ceo@target-co.com", **told)
    known = await company(desk)
    assert (known["name"], known["size"], known["industry"]) == (None, None, "steel")

    long_ago = (clock.now() - timedelta(days=366)).isoformat()
    async with desk.sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE companies SET corrected = jsonb_build_object('size', CAST(:at AS text), 'name', :at)"
            ),
            {"at": long_ago},
        )
    await desk.server_says(email="cfo@target-co.com", company_name="Target AG", company_size=60)
    known = await company(desk)
    assert (known["name"], known["size"], known["corrected"]) == (None, 60, ["name"])


async def test_whoever_comes_with_the_former_domain_is_of_the_company_still(desk: Desk) -> None:
    path = await path_of(desk)

    shown = await desk.correct(path, domain="https://www.target.example/")
    assert shown["domain"] == "target.example"
    for email in ("otto@target-co.com", "cara@target.example"):
        contact = await desk.contact(await desk.form_says(email=email))
        assert contact["company"]["id"] == shown["id"]
    assert len((await desk.get("/v1/companies"))["items"]) == 1

    back = await desk.correct(path, domain="target-co.com")
    assert back["domain"] == "target-co.com"
    contact = await desk.contact(await desk.form_says(email="dora@target.example"))
    assert contact["company"]["id"] == shown["id"]


async def test_two_companies_never_have_one_domain(desk: Desk) -> None:
    path = await path_of(desk)
    await desk.form_says(email="eva@other.example")
    other = await company(desk, "other.example")

    taken = await desk.send(path, {"domain": "other.example"})
    assert taken.status_code == 409
    assert other["id"] in taken.json()["detail"]
    await desk.correct(f"/v1/companies/{other['id']}", domain="another.example")
    former = await desk.send(path, {"domain": "other.example"})
    assert former.status_code == 409


async def test_a_correction_says_which_version_it_is_of(desk: Desk) -> None:
    path = await path_of(desk)
    seen = (await desk.read(path)).headers["etag"]

    assert (await desk.send(path, {"size": 10}, seen=seen)).status_code == 200
    assert (await desk.send(path, {"size": 11}, seen=seen)).status_code == 412
    seen = (await desk.read(path)).headers["etag"]
    await desk.server_says(email="ceo@target-co.com", industry="steel")
    assert (await desk.send(path, {"size": 12}, seen=seen)).status_code == 412
    assert (await company(desk))["size"] == 10


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, ""),
        ({"domain": None}, "/domain"),
        ({"domain": "gmail.com"}, "/domain"),
        ({"size": 0}, "/size"),
        ({"size": 10**12}, "/size"),
        ({"size": "50"}, "/size"),
        ({"size": True}, "/size"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "ada@firm.de"}, "/name"),
        ({"industry": "st\x1beel"}, "/industry"),
        ({"revenue": 1}, "/revenue"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_named(
    fields: dict[str, Any], pointer: str, desk: Desk
) -> None:
    path = await path_of(desk)

    refused = await desk.send(path, fields)

    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert await desk.history(path) == []


async def test_no_company_is_none(desk: Desk) -> None:
    none = f"/v1/companies/{clock.new_id()}"

    assert (await desk.send(none, {"size": 10})).status_code == 404
    assert (await desk.read(f"{none}/history")).status_code == 404
