"""Several people decide: they are put on the deal with their parts, and whose lead it is stays."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from services.sales.selling.people.rules import fault, in_order
from shared import clock
from shared.database.sessions import Sessions
from shared.events.sales import DealContactsChanged
from tests.sales.samples import BEN, Desk, codes, deliver, lead_accepted, rep_changed, told
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.next_door import NextDoor, next_door

KIM, EVA, MAX = (str(clock.new_id()) for _ in range(3))


@dataclass
class Office:
    """Ana with kim's deal, and marketing next door, where eva may be put on it."""

    ana: Desk
    ben: Desk
    marketing: NextDoor
    sessions: Sessions
    path: str

    async def put(self, *people: tuple[str, str | None], **more: Any) -> Response:
        seen = (await self.ana.get(self.path)).headers["etag"]
        body = {"contacts": [{"contact_id": one, "role": role} for one, role in people]} | more
        return await self.ana.put(f"{self.path}/contacts", body, **{"If-Match": seen})

    async def facts(self) -> list[Any]:
        deal_id = self.path.rsplit("/", 1)[1]
        return [one for one in await told(self.sessions, deal_id) if isinstance(one, DealContactsChanged)]


@pytest.fixture
async def office(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    await deliver(sales_sessions, rep_changed(), rep_changed(BEN), lead_accepted(contact_id=UUID(KIM)))
    async with (
        next_door() as marketing,
        serving("sales", sales_database, keys, monkeypatch, MARKETING_URL=marketing.address) as (_, client),
    ):
        marketing.joinable = [EVA]
        ana, ben = Desk(client, keys, "rep", "ana"), Desk(client, keys, "rep", "ben")
        [deal] = (await ana.get("/v1/deals")).json()["items"]
        marketing.asked.clear()
        yield Office(ana, ben, marketing, sales_sessions, f"/v1/deals/{deal['id']}")


async def test_a_committee_is_on_the_deal_with_its_parts(office: Office) -> None:
    answer = await office.put((EVA, "economic"), (KIM, "champion"), why="The CFO decides")

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["contact_ids"], shown["contact_roles"]) == ([KIM, EVA], {KIM: "champion", EVA: "economic"})
    [fact] = await office.facts()
    assert [str(one) for one in fact.contact_ids] == [KIM, EVA]
    assert (fact.version, {str(one): role for one, role in fact.roles.items()}) == (
        2,
        {KIM: "champion", EVA: "economic"},
    )
    asked = [question for path, _, question in office.marketing.asked if path == "/v1/contact-holds"]
    assert [one["contact_ids"] for one in asked] == [[EVA]]  # of kim it is known
    [line] = (await office.ana.get(f"{office.path}/changes")).json()["items"]
    assert (line["field"], line["why"], line["by"]) == ("contacts", "The CFO decides", "ana")
    same = await office.put((KIM, "champion"), (EVA, "economic"))
    assert (same.status_code, len(await office.facts())) == (200, 1)
    alone = await office.put((KIM, None))
    assert (alone.json()["contact_ids"], alone.json()["contact_roles"]) == ([KIM], {})
    assert len(await office.facts()) == 2


async def test_strangers_doubles_and_the_leads_own_person(office: Office) -> None:
    stranger = await office.put((KIM, None), (MAX, None))
    double = await office.put((KIM, None), (KIM, "user"))
    without = await office.put((EVA, None))
    part = await office.put((KIM, "boss"))

    assert codes([stranger, double, without, part]) == [422] * 4
    assert [one.json()["errors"][0]["pointer"] for one in (stranger, double, without, part)] == [
        "/contacts/1",
        "/contacts",
        "/contacts",
        "/contacts/0/role",
    ]
    assert await office.facts() == []


async def test_who_earned_a_closed_deal_stays(office: Office) -> None:
    await office.ana.post(f"{office.path}/lose", {"reason": "price"})

    refused = await office.put((KIM, None), (EVA, None))

    assert (refused.status_code, "Reopen" in refused.json()["detail"]) == (409, True)


async def test_a_foreign_deal_asks_nothing(office: Office) -> None:
    body = {"contacts": [{"contact_id": EVA}]}
    answer = await office.ben.put(f"{office.path}/contacts", body, **{"If-Match": '"1"'})

    assert answer.status_code == 404
    assert [path for path, _, _ in office.marketing.asked if path == "/v1/contact-holds"] == []


async def test_a_marketing_that_hangs_changes_nothing(office: Office) -> None:
    office.marketing.hangs = True

    answer = await office.put((KIM, None), (EVA, None))

    assert answer.status_code == 503
    assert await office.facts() == []


ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("before", "after", "of_a_lead", "wrong"),
    [
        ([ONE], [ONE, TWO], True, False),
        ([ONE], [TWO], True, True),
        ([ONE], [TWO], False, False),
        ([ONE], [], False, False),
        ([], [ONE], True, False),
        ([ONE], [ONE, ONE], False, True),
    ],
)
def test_who_may_be_on_it(before: list[UUID], after: list[UUID], of_a_lead: bool, wrong: bool) -> None:
    assert (fault(before, after, of_a_lead=of_a_lead) is not None) == wrong


@pytest.mark.parametrize(
    ("before", "after", "right"),
    [
        ([ONE], [TWO, ONE], [ONE, TWO]),
        ([ONE, TWO], [THREE, TWO, ONE], [ONE, TWO, THREE]),
        ([ONE, TWO, THREE], [THREE, ONE], [ONE, THREE]),
        ([], [TWO, ONE], [TWO, ONE]),
    ],
)
def test_those_there_were_keep_their_places(before: list[UUID], after: list[UUID], right: list[UUID]) -> None:
    assert in_order(before, after) == right
