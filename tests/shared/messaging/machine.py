"""Everything that can happen to an outbox, its relays, a consumer and its inbox, in any order.

The argument checked after every step: if every relay sends a key's oldest pending rows first, whole
batches per partition, and deletes only what was acknowledged, then the first occurrences of a key's
events in the log are in order with none missing, whatever crashes and however many relays there are;
and a consumer that claims each id together with its effects makes of first occurrences the only ones.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.shared.messaging.found import Found
from tests.shared.messaging.listed_log import PARTITIONS, Fate
from tests.shared.messaging.testing import declined
from tests.shared.messaging.world import LEADS, World

T = TypeVar("T")
leads = some.sampled_from(LEADS)
relays = some.integers(0, 1)
partitions = some.integers(0, PARTITIONS - 1)
poisons = some.sampled_from(["", "", "", "to the broker", "to the handler"])
fates = some.lists(some.sampled_from(Fate), min_size=2 * PARTITIONS, max_size=2 * PARTITIONS)
well = [Fate.ACKNOWLEDGED] * (2 * PARTITIONS)


class OutboxAndInbox(RuleBasedStateMachine):
    loop: ClassVar[asyncio.AbstractEventLoop]
    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.broken = False

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self.loop.run_until_complete(work)
        except BaseException:
            self.broken = True
            raise

    @initialize()
    def an_empty_service(self) -> None:
        self.world = World(self.url)
        self.do(self.world.begin())

    # What the service does.

    @rule(lead=leads, facts=some.integers(1, 3), stays_open=some.booleans(), poison=poisons)
    def a_lead_changes(self, lead: int, facts: int, stays_open: bool, poison: str) -> None:
        if lead in self.world.open:
            return
        first = declined(lead).key, self.world.committed[lead] + 1
        if poison == "to the broker":
            self.world.log.refused.add(first)
        elif poison == "to the handler":
            self.world.unhandleable.add(first)
        self.do(self.world.change(lead, facts))
        if not stays_open:
            self.do(self.world.commit(lead))

    @precondition(lambda self: self.world.open)
    @rule(data=some.data(), commits=some.booleans())
    def an_open_transaction_ends(self, data: some.DataObject, commits: bool) -> None:
        lead = data.draw(some.sampled_from(sorted(self.world.open)))
        self.do(self.world.commit(lead) if commits else self.world.roll_back(lead))

    # What happens to the relays.

    @rule(number=relays)
    def a_relay_fetches_and_sends(self, number: int) -> None:
        if not self.world.relays[number].holds_a_round:
            self.do(self.world.relays[number].begin())

    @rule(number=relays, fates=fates)
    def the_broker_answers(self, number: int, fates: list[Fate]) -> None:
        """Also to a zombie, whose fetch may be long out of date."""
        if self.world.relays[number].holds_a_round:
            self.do(self.world.relays[number].finish(fates))

    @rule(number=relays, fates=fates)
    def a_relay_crashes_before_it_deletes(self, number: int, fates: list[Fate]) -> None:
        self.do(self.world.replace_relay(number, fates))

    @rule(number=relays, rounds=some.sampled_from([1, 2, 12]))
    def a_relay_works(self, number: int, rounds: int) -> None:
        self.do(self.work(number, rounds))

    async def work(self, number: int, rounds: int) -> None:
        found = self.world.relays[number]
        for _ in range(rounds):
            moved = 0 if found.holds_a_round else await found.begin()
            if found.holds_a_round:
                await found.finish(well)
            elif not moved:
                return

    @rule(lead=leads)
    def an_operator_sends_a_key_again(self, lead: int) -> None:
        self.do(self.world.resend(lead))

    @rule(lead=leads)
    def an_operator_publishes_a_key_once_more(self, lead: int) -> None:
        self.do(self.world.republish(lead))

    @rule()
    def the_broker_has_everything_again(self) -> None:
        self.world.log.refused.clear()

    # What happens to the consumer.

    @rule(partition=partitions, back=some.sampled_from([0, 0, 1, 5, 1000]), count=some.integers(1, 30))
    def records_are_delivered(self, partition: int, back: int, count: int) -> None:
        self.do(self.world.deliver(partition, back=back, count=count))

    @rule(partition=partitions, back=some.integers(0, 5), count=some.integers(1, 30))
    def a_zombie_handles_the_same(self, partition: int, back: int, count: int) -> None:
        self.do(self.world.deliver_twice_at_once(partition, back=back, count=count))

    @rule(partition=partitions)
    def the_backend_dies_inside_the_next_batch(self, partition: int) -> None:
        self.world.dying = True
        self.do(self.world.deliver(partition, back=0, count=30))
        self.world.dying = False

    @rule(partition=partitions)
    def kafka_is_told(self, partition: int) -> None:
        self.world.tell_kafka(partition)

    @rule()
    def the_consumer_crashes_before_it_tells_kafka(self) -> None:
        self.world.restart_consumer()

    @rule(lead=leads, mended=some.booleans())
    def an_operator_retries_a_key(self, lead: int, mended: bool) -> None:
        if mended:
            self.world.unhandleable.clear()
        self.do(self.world.retry(lead))

    # What holds after every step.

    @invariant()
    def the_argument_holds(self) -> None:
        self.do(self.look())

    async def look(self) -> None:
        found = await Found.of(self.world)
        found.check_publishing(self.world)
        found.check_handling(self.world)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if not self.broken:
                self.do(self.drain())
        finally:
            self.do(self.world.end())

    async def pending(self) -> set[str]:
        """The ids of events that are committed and have not left the queue."""
        return (await Found.of(self.world)).pending

    async def drain(self) -> None:
        """Once everything is mended and at rest, every fact has had its effect exactly once."""
        world = self.world
        for lead in list(world.open):
            await world.commit(lead)
        world.log.refused.clear()
        world.unhandleable.clear()
        for _ in range(3):
            for lead in LEADS:
                await world.resend(lead)
            await self.work(0, 20)
            await self.work(1, 20)
        for partition in range(PARTITIONS):
            await world.deliver(partition, back=1000, count=1000)
        for lead in LEADS:
            await world.retry(lead)
        await self.work(0, 20)  # that something was parked is told, too
        found = await Found.of(world)
        found.check_publishing(world)
        found.check_handling(world)
        assert not found.pending, f"never sent: {sorted(found.pending)}"
        assert not found.outbox_parked, "parked in the outbox for ever"
        assert not found.waiting, "parked at the consumer for ever"
        whole = {declined(lead).key: list(range(1, world.committed[lead] + 1)) for lead in LEADS}
        assert found.effects == {key: versions for key, versions in whole.items() if versions}
