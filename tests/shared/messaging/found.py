"""What the state machine finds after each step, and what has to hold of it."""

from collections import Counter, defaultdict

from tests.shared.messaging.world import TOPIC, World, lead_of


class Found:
    """Everything there is, read with queries of its own."""

    staged: dict[tuple[str, str], list[str]]  # (topic, key) -> event ids in the order staged
    pending: set[str]
    outbox_parked: set[str]
    claimed: set[str]
    waiting: set[str]
    parked: list[str]
    effects: dict[str, list[int]]

    @classmethod
    async def of(cls, world: World) -> "Found":
        found, look = cls(), world.look
        rows = await look.fetch(
            "SELECT o.topic, o.key, o.event_id::text AS event, p.id IS NOT NULL AS pending, "
            "k.id IS NOT NULL AS parked FROM outbox o LEFT JOIN outbox_pending p USING (id) "
            "LEFT JOIN outbox_parked k USING (id) ORDER BY o.id"
        )
        found.staged = defaultdict(list)
        for row in rows:
            found.staged[row["topic"], row["key"]].append(row["event"])
        found.pending = {row["event"] for row in rows if row["pending"]}
        found.outbox_parked = {row["event"] for row in rows if row["parked"]}
        found.claimed = {str(row["event_id"]) for row in await look.fetch("SELECT event_id FROM inbox")}
        kept = await look.fetch("SELECT event_id, state FROM parked_events")
        found.parked = [str(row["event_id"]) for row in kept]
        found.waiting = {str(row["event_id"]) for row in kept if row["state"] == "parked"}
        found.effects = defaultdict(list)
        for row in await look.fetch("SELECT key, version FROM effect ORDER BY n"):
            found.effects[row["key"]].append(row["version"])
        return found

    def check_publishing(self, world: World) -> None:
        assert (
            Counter({lead_of(key): len(ids) for (topic, key), ids in self.staged.items() if topic == TOPIC})
            == +world.committed
        ), "the outbox holds exactly what was committed"
        logged: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for (topic, _), records in world.log.records.items():
            for record in records:
                logged[topic, (record.key or b"").decode()].setdefault(record.event_id)
        for place in self.staged.keys() | logged.keys():
            first, staged = list(logged[place]), self.staged.get(place, [])
            assert first == staged[: len(first)], (
                f"first occurrences of {place} out of order, or one is missing"
            )
            left = set(staged) - set(first) - self.pending - self.outbox_parked
            assert not left, f"events of {place} are neither in the log nor waiting: {left}"
        assert not self.pending & self.outbox_parked

    def check_handling(self, world: World) -> None:
        for key, versions in self.effects.items():
            assert versions == list(range(1, len(versions) + 1)), f"effects of {key}: {versions}"
        assert not self.claimed & self.waiting, "an event is both handled and waiting"
        settled = self.claimed | set(self.parked)
        for partition, offset in world.told_kafka.items():
            for record in world.log.records[TOPIC, partition][:offset]:
                assert record.event_id in settled, f"Kafka was told of {partition}/{record.offset} too early"
        dead = sum(len(ids) for (topic, _), ids in self.staged.items() if topic == "dead.handoff")
        assert dead == len(self.parked), "each parked event is announced once"
