"""A checker that cannot fail is worthless: each equation is seen to fail on what was really read."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import replace

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.faults import evidence, ledger
from tests.faults.evidence import Evidence, Record
from tests.faults.histories import Request
from tests.journeys.story import accept, deal_of, lead_of, offer_of, send_lead, team_with, token, win
from tests.support.keys import Keys
from tests.support.loop import Loop, running_loop


@pytest.fixture(scope="module")
async def loop(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loop]:
    """A loop in which two leads became deals and one of them revenue."""
    async with running_loop(keys, tmp_path_factory.mktemp("ledger")) as running:
        rep = f"rep-{token()}"
        await team_with(running, rep)
        for amount in ("1234.57", None):
            lead = await lead_of(running, await send_lead(running))
            await accept(running, await offer_of(running, lead["lead_id"]), rep)
            deal = await deal_of(running, lead["lead_id"])
            if amount:
                await win(running, deal["id"], amount)
        await running.quiet()
        yield running


@pytest.fixture(scope="module")
async def found(loop: Loop) -> Evidence:
    return await evidence.gather(loop.bootstrap, loop.prefix, loop.databases)


@pytest.fixture
def seen(found: Evidence) -> Evidence:
    """A copy, to be changed."""
    return deepcopy(found)


def wrong(seen: Evidence) -> dict[str, list[str]]:
    """Only the equations that do not hold."""
    return {name: texts for name, texts in ledger.judge(seen).items() if texts}


def test_nothing_is_wrong_with_a_loop_that_works(seen: Evidence) -> None:
    assert wrong(seen) == {}
    assert len(seen.log) >= 9, "the log was read"
    assert seen.tables["marketing"]["credits"], "the credits were read"


def test_an_event_missing_from_the_log_is_lost(seen: Evidence) -> None:
    gone = seen.log.pop()
    assert gone.id in wrong(seen)["lost"][0]


def test_an_event_nobody_staged_is_a_ghost_unless_a_fault_planted_it(seen: Evidence) -> None:
    seen.log.append(replace(seen.log[0], id="somebody-elses", offset=99))
    assert "somebody-elses" in wrong(seen)["ghosts"][0]
    seen.planted.events.add("somebody-elses")
    assert wrong(seen) == {}


def test_a_repeat_in_the_log_is_counted_and_not_wrong(seen: Evidence) -> None:
    seen.log.append(replace(seen.log[0], offset=99))
    assert wrong(seen) == {}
    assert [record.offset for record in ledger.duplicates(seen)] == [99]


def test_a_key_whose_events_changed_places_is_out_of_order(seen: Evidence) -> None:
    later = next(record for record in seen.log if record.version == 2)
    earlier = next(r for r in seen.log if (r.topic, r.key, r.version) == (later.topic, later.key, 1))
    one, other = seen.log.index(earlier), seen.log.index(later)
    seen.log[one], seen.log[other] = seen.log[other], seen.log[one]
    assert later.key in wrong(seen)["out of order"][0]


def test_a_version_left_out_is_a_gap(seen: Evidence) -> None:
    events = seen.outbox["handoff"]
    later = next(event for event in events if event.version == 2)
    events[events.index(later)] = replace(later, version=3)
    assert later.key in wrong(seen)["version gaps"][0]


def test_an_event_that_a_listener_did_not_take_is_unhandled_unless_parked(seen: Evidence) -> None:
    event = seen.inbox["sales"].pop()
    assert event in wrong(seen)["unhandled"][0]
    seen.parked["sales"].add(event)
    assert list(wrong(seen)) == ["stuck"], "parked, but nobody planted poison"
    seen.planted.parked.add(event)
    assert wrong(seen) == {}


def test_what_still_waits_is_stuck(seen: Evidence) -> None:
    seen.waiting["handoff"] = 1
    assert list(wrong(seen)) == ["stuck"]


def test_a_fact_told_twice_is_doubled(seen: Evidence) -> None:
    seen.facts["sales"].append(seen.facts["sales"][0])
    assert wrong(seen)["doubled"]


def test_an_effect_that_is_there_twice_is_seen(seen: Evidence) -> None:
    handoff = seen.tables["handoff"]
    handoff["assignments"].append(handoff["assignments"][0])
    assert wrong(seen)["leads"]


@pytest.mark.parametrize(("outcome", "there"), [("ok", 0), ("ok", 2), ("refused", 1), ("unknown", 2)])
def test_a_capture_is_held_against_what_its_client_was_told(seen: Evidence, outcome: str, there: int) -> None:
    request = Request("capture", "mine", size=1, outcome=outcome)  # type: ignore[arg-type]
    seen.histories.requests.append(request)
    delivery = {"id": seen.tables["marketing"]["submissions"][0]["delivery_id"], "dedupe_key": "k:mine"}
    seen.tables["marketing"]["deliveries"] += [delivery] * there
    assert "mine" in wrong(seen)["captures not as told"][0]


@pytest.mark.parametrize("key", ["k:mine", "b:mine", "x:mine"])
def test_a_capture_is_found_by_its_own_key_or_its_batchs(seen: Evidence, key: str) -> None:
    seen.histories.requests.append(Request("capture", "mine", size=1, outcome="ok"))
    delivery = {"id": seen.tables["marketing"]["submissions"][0]["delivery_id"], "dedupe_key": key}
    seen.tables["marketing"]["deliveries"].append(delivery)
    assert "captures not as told" not in wrong(seen)


@pytest.mark.parametrize(("outcome", "subject"), [("ok", "an-offer-that-is-open"), ("refused", "")])
def test_an_acceptance_is_held_against_what_its_client_was_told(
    seen: Evidence, outcome: str, subject: str
) -> None:
    subject = subject or seen.tables["handoff"]["assignments"][0]["id"]
    request = Request("accept", "mine", subject=subject, outcome=outcome)  # type: ignore[arg-type]
    seen.histories.requests.append(request)
    assert "mine" in wrong(seen)["offers not as told"][0]


def test_a_win_that_was_confirmed_has_its_amount(seen: Evidence) -> None:
    deal = next(row for row in seen.tables["sales"]["deals"] if row["state"] == "won")
    seen.histories.requests.append(Request("win", "mine", deal["id"], amount=123_457, outcome="ok"))
    assert wrong(seen) == {}
    seen.histories.requests[0].amount += 1
    assert deal["id"] in wrong(seen)["deals not as told"][0]


def test_a_return_that_was_confirmed_is_there(seen: Evidence) -> None:
    offers = seen.tables["handoff"]["assignments"]
    seen.histories.requests.append(Request("return", "mine", offers[0]["id"], outcome="ok"))
    assert "mine" in wrong(seen)["offers not as told"][0]
    offers[0] = {**offers[0], "state": "returned"}
    assert "offers not as told" not in wrong(seen)


def test_a_refund_that_was_confirmed_is_booked(seen: Evidence) -> None:
    deals = seen.tables["sales"]["deals"]
    deal = deals[0]["id"]
    seen.histories.requests.append(Request("refund", "mine", deal, amount=1, outcome="ok"))
    assert f"deal {deal}: 0 refunded, 1 confirmed" in wrong(seen)["deals not as told"]
    seen.histories.requests.clear()
    deals[0] = {**deals[0], "refunded_minor": 1}
    assert f"deal {deal}: 1 refunded, 0 confirmed" in wrong(seen)["deals not as told"]


def test_a_close_is_told_once_and_has_its_credits(seen: Evidence) -> None:
    close = next(fact for fact in seen.facts["sales"] if fact[0].endswith("closed.v1"))
    seen.facts["sales"].remove(close)
    assert list(wrong(seen)) == ["deals not as told"]
    seen.facts["sales"] += [close, close]
    assert {"doubled", "deals not as told"} == wrong(seen).keys()
    seen.facts["sales"].remove(close)
    seen.tables["marketing"]["credit_sets"].pop()
    assert list(wrong(seen)) == ["copies"]


def test_a_copy_that_is_behind_is_seen(seen: Evidence) -> None:
    copies = seen.tables["marketing"]["copies"]
    copies[0] = {**copies[0], "version": copies[0]["version"] - 1}
    assert wrong(seen)["copies"]


async def test_a_cent_and_a_repeat_are_found_where_they_are(loop: Loop) -> None:
    """The same, planted in the table and the topic themselves: what is read is what is there."""
    marketing = await asyncpg.connect(loop.databases["marketing"])
    try:
        await marketing.execute("UPDATE credits SET reporting_amounts[1] = reporting_amounts[1] + 1")
    finally:
        await marketing.close()
    await _send_again(loop, (await evidence.read_log(loop.bootstrap, loop.prefix))[0])
    await loop.quiet()
    seen = await evidence.gather(loop.bootstrap, loop.prefix, loop.databases)
    assert list(wrong(seen)) == ["money"]
    assert len(ledger.duplicates(seen)) == 1


async def _send_again(loop: Loop, record: Record) -> None:
    """The whole record as it is: listeners park a part of one."""
    topic = loop.prefix + record.topic
    place = TopicPartition(topic, record.partition)
    reader = AIOKafkaConsumer(bootstrap_servers=loop.bootstrap, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=loop.bootstrap)
    await asyncio.gather(reader.start(), producer.start())
    try:
        reader.assign([place])
        reader.seek(place, record.offset)
        whole = await reader.getone()
        await producer.send_and_wait(
            topic, whole.value, key=whole.key, partition=record.partition, headers=list(whole.headers)
        )
    finally:
        await asyncio.gather(reader.stop(), producer.stop())
