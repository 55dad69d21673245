"""Corrections and submissions of one person at the same time: one wins each, and nothing is lost."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from services.marketing.people.contacts.rules import Person
from services.marketing.people.contacts.use_cases import identify
from shared import clock
from shared.database.sessions import Sessions
from tests.marketing.people.corrections.doors import BEA, Desk
from tests.support.keys import Keys


@pytest.fixture
async def desk(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Desk:
    opened = await Desk.open(marketing, keys, marketing_sessions)
    assert isinstance(opened, Desk)
    return opened


async def test_of_many_corrections_of_one_version_one_wins(desk: Desk) -> None:
    path = f"/v1/contacts/{(await desk.server_says(**BEA))['contact_id']}"
    seen = (await desk.read(path)).headers["etag"]

    answers = await asyncio.gather(
        *(desk.send(path, {"job_title": f"Title {number}"}, seen=seen) for number in range(8))
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 7}
    [won] = [answer.json()["job_title"] for answer in answers if answer.status_code == 200]
    assert (await desk.get(path))["job_title"] == won
    assert [line[3] for line in await desk.history(path)] == [won]


async def test_submissions_and_corrections_of_one_person_lose_nothing_of_each_other(
    desk: Desk, marketing_sessions: Sessions
) -> None:
    first = await desk.server_says(**BEA)
    path = f"/v1/contacts/{first['contact_id']}"
    fields = ("region", "language", "time_zone", "company_name", "country")
    said = ("Berlin", "de", "Europe/Berlin", "Target AG", "DE")

    turns = asyncio.Semaphore(4)  # the pool has connections for ten

    async def tells(number: int) -> None:
        told: dict[str, Any] = {fields[number % 5]: said[number % 5]}
        async with turns, marketing_sessions.begin() as session:
            person = Person(email=BEA["email"], trust="authenticated", job_title=f"T{number}", **told)
            await identify(session, [person], now=clock.now())
            await asyncio.sleep(0.01)

    async def corrects(name: str, value: str) -> None:
        while True:
            answer = await desk.send(path, {name: value})
            if answer.status_code == 200:
                return
            assert answer.status_code in (409, 412, 503), answer.text

    await asyncio.gather(
        *(tells(number) for number in range(15)),
        corrects("job_title", "Chair"),
        corrects("phone", "+4930901820"),
        corrects("given_name", "Beatrix"),
    )

    shown = await desk.get(path)
    assert {name: shown[name] for name in fields} == dict(zip(fields, said, strict=True))
    assert (shown["job_title"], shown["phone"], shown["given_name"]) == ("Chair", "+4930901820", "Beatrix")
    assert shown["corrected"] == ["given_name", "job_title", "phone"]
    assert [key["value"] for key in shown["phones"]] == ["+4930901820"]


async def test_a_correction_waits_for_a_submission_and_holds_against_what_it_said(
    desk: Desk, marketing_sessions: Sessions
) -> None:
    """The submission has the person in hand and commits first: the correction is of an older version."""
    first = await desk.server_says(**BEA)
    path = f"/v1/contacts/{first['contact_id']}"
    seen = (await desk.read(path)).headers["etag"]
    async with marketing_sessions.begin() as session:
        person = Person(email=BEA["email"], trust="authenticated", job_title="Buyer")
        await identify(session, [person], now=clock.now())
        waiting = asyncio.create_task(desk.send(path, {"job_title": "Chair"}, seen=seen))
        async with marketing_sessions() as other:
            query = text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while not (await other.execute(query)).scalar_one():
                assert not waiting.done()
                await asyncio.sleep(0.01)
    assert (await waiting).status_code == 412
    assert (await desk.send(path, {"job_title": "Chair"})).status_code == 200


async def test_one_free_address_is_given_to_one_of_two(desk: Desk) -> None:
    paths = [
        f"/v1/contacts/{(await desk.server_says(email=f'{name}@target-co.com'))['contact_id']}"
        for name in ("bea", "cara")
    ]

    answers = await asyncio.gather(*(desk.send(path, {"email": "new@target-co.com"}) for path in paths))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    shown = [(await desk.get(path))["email"] for path in paths]
    assert shown.count("new@target-co.com") == 1


async def test_of_many_corrections_of_a_company_one_wins(desk: Desk) -> None:
    await desk.server_says(**BEA)
    [company] = (await desk.get("/v1/companies"))["items"]
    path = f"/v1/companies/{company['id']}"
    seen = (await desk.read(path)).headers["etag"]

    answers = await asyncio.gather(*(desk.send(path, {"size": n}, seen=seen) for n in range(1, 9)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 7}
