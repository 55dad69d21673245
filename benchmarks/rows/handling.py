"""How many events a second a service's consumer handles, from Kafka to the commit of their effects."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import feeds, seeds
from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.house import House, open_house
from benchmarks.rows.relayed import timed
from benchmarks.samples import lead_accepted, lead_qualified
from shared.events.envelope import Event

FLOOR = "aiokafka batches into one bare INSERT each"
SETTING = (
    "one process, one database connection at work, batches of up to 500, each one transaction (inbox, "
    "effects, own events); timed from the first batch to the commit of the last. No relay runs beside it."
)
Run = Mapping[str, float]
Events = Callable[[House, int, int], Awaitable[Sequence[Event]]]  # house, first number, how many


@dataclass(frozen=True)
class Handling:
    """A row: which service handles which events, and what has to be there before."""

    name: str
    title: str
    service: str
    subject: str
    topic: str
    share: int  # of the events asked for, one in so many
    prepare: Callable[[House], Awaitable[None]]
    events: Events
    least: float | None = None

    async def measure(self, effort: Effort) -> Report:
        count = max(effort.events // self.share, 500)
        report = Report(
            self.name, self.title, f"{count:,} events each of another key, 12 partitions; {SETTING}"
        )
        samples: dict[str, list[Run]] = {self.subject: [], FLOOR: []}
        with open_house(effort.profile_into) as house:
            await house.migrate(self.service)
            await house.make_topics()
            await self.prepare(house)
            for repeat in range(effort.repeats):
                await feeds.feed(house, await self.events(house, repeat * count, count))
                run = self._ours(house, count, report)
                samples[self.subject].append(run)
                samples[FLOOR].append(self._floor(house, count))
        report.lines = lines_of(samples)
        speed = ratio(samples[self.subject], [{"events/s": 1.0}] * effort.repeats, _speed)
        share = ratio(samples[self.subject], samples[FLOOR], _speed)
        report.notes = [f"{share.shown()} of the speed of the bare consumer."]
        if self.least is not None:
            report.goals = [Goal("events/s", speed, at_least=self.least)]
        return report

    def _ours(self, house: House, count: int, report: Report) -> Run:
        environment = {"DATABASE_URL": house.database(self.service), "KAFKA_BOOTSTRAP": house.kafka}
        words = f"{self.service}-consumer", "benchmarks.subjects.consumer", self.service, str(count)
        child = house.run(*words, environment=environment, ours=True)
        run = timed(house, child, count)
        if run["parked"]:
            report.broken.append(f"{run['parked']:.0f} events were parked")
        return run

    def _floor(self, house: House, count: int) -> Run:
        environment = {"DATABASE_URL": house.empty_database("bare"), "KAFKA_BOOTSTRAP": house.kafka}
        words = "bare-consumer", "benchmarks.floors.bare_consumer", self.topic, str(count)
        return timed(house, house.run(*words, environment=environment), count)


async def _nothing(_: House) -> None:
    return


async def _qualified(_: House, first: int, count: int) -> Sequence[Event]:
    return [lead_qualified(number) for number in range(first, first + count)]


async def _accepted(_: House, first: int, count: int) -> Sequence[Event]:
    return [lead_accepted(number) for number in range(first, first + count)]


def _speed(run: Run) -> float:
    return run["events/s"]


ASSIGN = Handling(
    "assign",
    "Assignment consumer",
    "handoff",
    "handoff: LeadQualified routed, given to whose turn it is, LeadAssigned staged",
    "marketing.leads",
    5,
    seeds.hire,
    _qualified,
    least=5_000,
)
DEALS = Handling(
    "deals",
    "Deals opened",
    "sales",
    "sales: LeadAccepted to a deal, DealOpened staged",
    "handoff.assignments",
    5,
    _nothing,
    _accepted,
    least=6_000,
)
CREDITS = Handling(
    "credits",
    "Closed deals credited",
    "marketing",
    "marketing: DealClosed split over ten touches under every model, sums kept",
    "sales.deals",
    30,
    _nothing,
    feeds.won_deals,
    least=1_200,
)
