"""A deal that goes to another rep takes its people and its lead along."""

from uuid import UUID

import pytest
from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.people.contacts.test_whose_word import Doors
from tests.marketing.people.holds.parties import REPS, Asking, Parties
from tests.support.keys import Keys

DEAL = UUID(int=31)


@pytest.fixture
async def kim(marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions) -> Parties:
    doors = await Doors.open(marketing, keys, marketing_sessions)
    submission = await doors.form_says(email="kim@northwind-gmbh.com", name="Kim Kern", message="Call me")
    parties = Parties(marketing_sessions, submission)
    await parties.hire()
    return parties


async def test_a_deal_handed_over_takes_its_people_and_its_lead_along(
    kim: Parties, marketing: AsyncClient, keys: Keys
) -> None:
    async def owner() -> str | None:
        page = await marketing.get("/v1/leads", headers=keys.as_("marketer"))
        [lead] = page.json()["items"]
        found: str | None = lead["owner_rep_id"]
        return found

    await kim.tell(kim.assigned("ana"), kim.accepted("ana"), kim.opened(DEAL, "ana", cycle=1))
    assert await owner() == str(REPS["ana"][0])
    over, late = kim.handed_over(DEAL, "ana", "ben", cycle=1), kim.accepted("ana")
    await kim.tell(over)
    await kim.tell(late)  # handoff's word of before, in a topic of its own

    seen = [await Asking(marketing, keys).seen(kim.contact_id, rep) for rep in ("ana", "ben")]
    assert (seen, await owner()) == ([404, 200], str(REPS["ben"][0]))
    for rep, count in (("ana", 0), ("ben", 1)):
        of_rep = {"owner": str(REPS[rep][0])}
        page = await marketing.get("/v1/leads", params=of_rep, headers=keys.as_("marketer"))
        assert len(page.json()["items"]) == count
    await kim.tell(kim.opened(DEAL, "ana", cycle=1).model_copy(update={"version": 1}))  # told again
    assert await owner() == str(REPS["ben"][0])


async def test_a_committee_is_held_and_let_go(kim: Parties, marketing: AsyncClient, keys: Keys) -> None:
    doors = await Doors.open(marketing, keys, kim.sessions)
    eva = UUID(
        (await doors.form_says(email="eva@northwind-gmbh.com", name="Eva", message="Hi"))["contact_id"]
    )
    asking = Asking(marketing, keys)

    async def seen() -> list[int]:
        return [await asking.seen(one, "ana") for one in (kim.contact_id, eva)]

    opened = kim.opened(DEAL, "ana")
    both = kim.with_people(DEAL, "ana", kim.contact_id, eva)
    only_eva = kim.with_people(DEAL, "ana", eva)
    await kim.tell(opened)
    assert await seen() == [200, 404]
    await kim.tell(both)
    assert await seen() == [200, 200]
    await kim.tell(only_eva)
    assert await seen() == [404, 200]
    await kim.tell(both)  # told again
    assert await seen() == [404, 200]
