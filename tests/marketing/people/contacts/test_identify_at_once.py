"""Several transactions that name the same person at the same time."""

import asyncio
from typing import Any

from sqlalchemy import text

from services.marketing.people.contacts.rules import Person
from services.marketing.people.contacts.use_cases import identify
from shared import clock
from shared.database.sessions import Sessions

MOBILE = "+4915123456789"


async def test_one_new_person_in_sixty_four_transactions_at_once_is_one_contact(
    marketing_sessions: Sessions,
) -> None:
    crowd = [
        Person(email="info@firm.de", given_name="Eva", family_name="Muster"),
        Person(phone=MOBILE, given_name="Eva", family_name="Muster"),
        Person(email="eva@firm.de", phone=MOBILE, given_name="Eva", family_name="Muster"),
        Person(email="eva@firm.de"),
    ]
    async with marketing_sessions.begin() as session:  # somebody else is there already
        await identify(session, [Person(email="info@firm.de", given_name="Otto")], now=clock.now())
    turns = asyncio.Semaphore(8)  # as many as the pool has connections for

    async def one(person: Person) -> Any:
        async with turns, marketing_sessions.begin() as session:
            [found] = await identify(session, [person], now=clock.now())
            await asyncio.sleep(0.01)
        return found.contact_id

    alone = await asyncio.gather(*(one(crowd[0]) for _ in range(64)))
    together = await asyncio.gather(*(one(crowd[1 + number % 3]) for number in range(64)))

    assert len(set(alone)) == 1
    # Who came with only the number and who with only the address may have been first, apart.
    assert len(set(together)) <= 2
    assert len({found for number, found in enumerate(together) if number % 3 == 1}) == 1


async def test_two_batches_that_reach_one_person_by_different_keys_lose_nothing_of_each_other(
    marketing_sessions: Sessions,
) -> None:
    eva = Person(email="eva@firm.de", phone=MOBILE, given_name="Eva", family_name="Muster")
    otto = Person(email="otto@firm.de", phone=MOBILE, given_name="Otto", family_name="Muster")
    async with marketing_sessions.begin() as session:
        told = await identify(session, [eva, otto], now=clock.now())
    first_holds = asyncio.Event()

    async def first() -> None:
        async with marketing_sessions.begin() as session:
            await identify(session, [Person(email=otto.email, job_title="Buyer")], now=clock.now())
            first_holds.set()
            await asyncio.sleep(0.3)

    async def second() -> None:
        await first_holds.wait()
        async with marketing_sessions.begin() as session:
            # By the number alone: Otto stands beside its owner, and is being changed meanwhile.
            person = Person(phone=MOBILE, given_name="Otto", region="Berlin")
            [found] = await identify(session, [person], now=clock.now())
            assert found.contact_id == told[1].contact_id

    await asyncio.gather(first(), second())

    async with marketing_sessions() as session:
        query = text("SELECT job_title, region FROM contacts WHERE id = :id")
        row = (await session.execute(query, {"id": told[1].contact_id})).one()
    assert tuple(row) == ("Buyer", "Berlin")
