"""Who may be put on a deal: marketing knows, and is asked before anything begins."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from shared import clock
from shared.database.sessions import Sessions, driver
from tests.sales.samples import BEN, Desk, codes, deliver, rep_changed, told
from tests.support.apps import serving
from tests.support.keys import Keys
from tests.support.next_door import NextDoor, next_door

KIM, EVA, NOBODY = (str(clock.new_id()) for _ in range(3))


@dataclass
class Office:
    """Ana and the boss of sales, with marketing next door."""

    ana: Desk
    boss: Desk
    marketing: NextDoor
    sessions: Sessions

    async def deals(self) -> int:
        return len((await self.boss.get("/v1/deals")).json()["items"])


@pytest.fixture
async def office(
    sales_database: str, sales_sessions: Sessions, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    await deliver(sales_sessions, rep_changed(), rep_changed(BEN))
    async with (
        next_door() as marketing,
        serving("sales", sales_database, keys, monkeypatch, MARKETING_URL=marketing.address) as (_, client),
    ):
        marketing.joinable = [KIM, EVA]
        ana, boss = Desk(client, keys, "rep", "ana"), Desk(client, keys, "admin", "boss")
        yield Office(ana, boss, marketing, sales_sessions)


async def test_whom_one_holds_is_put_on_a_deal(office: Office) -> None:
    opened = await office.ana.post("/v1/deals", {"contact_ids": [KIM, EVA], "company_id": NOBODY})

    assert opened.status_code == 201
    [fact] = await told(office.sessions, opened.json()["id"])
    assert [str(one) for one in fact.contact_ids] == [KIM, EVA]
    [(path, credential, question)] = office.marketing.asked
    assert (path, credential.startswith("Bearer ")) == ("/v1/contact-holds", True)
    assert question == {
        "contact_ids": [KIM, EVA],
        "asked_by": "ana",
        "roles": ["rep"],
        "rep_id": None,
        "company_id": NOBODY,
    }


async def test_strangers_and_ids_of_nobody_are_refused_in_the_same_words(office: Office) -> None:
    office.marketing.joinable = [EVA]
    refused = [
        (await office.ana.post("/v1/deals", {"contact_ids": [EVA, one]})).json() for one in (KIM, NOBODY)
    ]

    assert [one["status"] for one in refused] == [422, 422]
    assert [fault["pointer"] for fault in refused[0]["errors"]] == ["/contact_ids/1"]
    assert refused[0]["errors"] == refused[1]["errors"]
    assert refused[0]["detail"] == refused[1]["detail"]
    assert await office.deals() == 0


async def test_a_deal_with_nobody_asks_nobody(office: Office) -> None:
    assert (await office.ana.post("/v1/deals", {})).status_code == 201
    assert office.marketing.asked == []


async def test_who_may_not_open_deals_asks_nothing(office: Office, keys: Keys) -> None:
    desk = Desk(office.ana._client, keys, "analyst", "zoe")

    assert (await desk.post("/v1/deals", {"contact_ids": [KIM]})).status_code == 403
    assert office.marketing.asked == []


async def test_marketing_that_hangs_costs_little_and_nothing_is_opened(
    office: Office,
) -> None:
    office.marketing.hangs = 5
    began = time.perf_counter()
    answer = await office.ana.post("/v1/deals", {"contact_ids": [KIM]})

    assert time.perf_counter() - began < 3
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert await office.deals() == 0


async def test_a_repeat_gets_its_answer_without_a_question_and_a_refusal_can_be_sent_again(
    office: Office,
) -> None:
    once = {"idempotency-key": "one-deal"}
    office.marketing.joinable = []
    refused = await office.ana.post("/v1/deals", {"contact_ids": [KIM]}, **once)
    office.marketing.joinable = [KIM]
    opened = await office.ana.post("/v1/deals", {"contact_ids": [KIM]}, **once)
    office.marketing.joinable = []
    again = await office.ana.post("/v1/deals", {"contact_ids": [KIM]}, **once)

    assert codes([refused, opened, again]) == [422, 201, 201]
    assert again.json() == opened.json()
    assert len(office.marketing.asked) == 2
    assert await office.deals() == 1


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "one-deal"}])
async def test_no_transaction_waits_for_marketing(office: Office, headers: dict[str, str]) -> None:
    async def transactions() -> int:
        async with office.sessions() as session:
            found: int = await (await driver(session)).fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            return found

    office.marketing.look = transactions
    opened = await office.ana.post("/v1/deals", {"contact_ids": [KIM]}, **headers)

    assert opened.status_code == 201
    assert office.marketing.seen == [0]
