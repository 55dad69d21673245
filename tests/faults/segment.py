"""One segment: fresh servers, load and faults at once, then quiet, then the ledger."""

import asyncio
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from deploy.ops.reconcile import Addresses, reconcile
from shared.messaging import topics
from shared.services import SERVICES
from tests.faults import evidence, ledger
from tests.faults.driver import NOT_NOW, Done, Driver, events_so_far
from tests.faults.evidence import Evidence
from tests.faults.house import House, open_house
from tests.faults.load import Load, Pace
from tests.faults.plan import Planned
from tests.faults.servers import running_servers
from tests.support.keys import Keys

QUIET_WITHIN = 180.0  # seconds after the load's end
CALM_DOWN = 0.15  # of the pace, once there are events enough and only faults are missing
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a segment is to be."""

    seed: int
    number: int
    events: int
    schedule: list[Planned]
    leads_per_second: float
    lanes: int
    short: bool


class Watcher(Protocol):
    """Who is told how it goes."""

    def step(self, text: str) -> None: ...
    def events(self, count: int) -> None: ...
    def fault(self, done: Done) -> None: ...


async def run(wanted: Wanted, watcher: Watcher, keep: Path | None = None) -> Json:
    """Run it; the ledger as JSON. `keep`: a folder for the processes' logs, thrown away otherwise."""
    began = time.time()
    with TemporaryDirectory(prefix="leadloop-faults-") as made:
        home = Path(made)
        logs = keep or home / "logs"
        watcher.step("servers start")
        with running_servers(home) as servers:
            keys = Keys.make(home)
            logs.mkdir(parents=True, exist_ok=True)
            watcher.step("processes start")
            async with open_house(servers, keys, logs, short=wanted.short) as house:
                load = house.load = Load(
                    house, f"{wanted.seed}/{wanted.number}", Pace(wanted.leads_per_second)
                )
                await load.prepare()
                done = await _under_load(house, wanted, watcher)
                watcher.step("waiting for quiet")
                quiet_after = await quiet(house)
                watcher.step("reading everything")
                seen, problems = await _settled(house)
                watcher.step("leadloop reconcile")
                problems["reconcile"] = await _reconciled(house)
    return _written(
        wanted, house, done, seen, problems, {"quiet_after": quiet_after, "took": time.time() - began}
    )


async def _under_load(house: House, wanted: Wanted, watcher: Watcher) -> list[Done]:
    """Load from the beginning until the last fault is over and there are events enough."""
    driver = Driver(house, wanted.lanes, tell=watcher.fault)
    running = asyncio.create_task(house.load.run())
    faults = asyncio.create_task(driver.run(wanted.schedule))
    watcher.step("load and faults")
    try:
        while True:
            await asyncio.sleep(1)
            count = await events_so_far(house)
            watcher.events(count)
            enough = count >= wanted.events
            if enough and faults.done():
                break
            if running.done():
                break
            house.load.pace.leads = wanted.leads_per_second * (CALM_DOWN if enough else 1)
    finally:
        house.load.stop()
        if not faults.done():
            faults.cancel()
    await faults
    await asyncio.wait_for(running, 240)
    return driver.done


async def quiet(house: House) -> float:
    """Wait until nothing is pending anywhere and nobody lags; how long that took. -1: it never came."""
    began = time.monotonic()
    calm = 0
    while time.monotonic() - began < QUIET_WITHIN:
        calm = calm + 1 if await _nothing_waits(house) else 0
        if calm == 2:
            return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.5)
    return -1


async def _nothing_waits(house: House) -> bool:
    try:
        for service in SERVICES:
            if (await house.rows(service, evidence.WAITING[service]))[0][0]:
                return False
    except NOT_NOW:
        return False
    lags = await topics.lags(house.bootstrap, [f"{house.prefix}{service}" for service in SERVICES])
    return lags is not None and not any(lags.values())


async def _settled(house: House) -> tuple[Evidence, dict[str, list[str]]]:
    """The loop is circular, so what differs is read again a little later, and only what stays is reported."""
    problems: dict[str, list[str]] = {}
    for attempt in range(4):
        await asyncio.sleep(2 * attempt)
        seen = await evidence.gather(house.bootstrap, house.prefix, house.databases)
        seen.histories, seen.planted = house.load.histories, house.planted
        problems = ledger.judge(seen)
        if not any(problems.values()):
            break
    return seen, problems


async def _reconciled(house: House) -> list[str]:
    """What the product's own command finds, but for what faults planted by hand."""
    addresses = Addresses(house.databases, house.bootstrap, house.prefix)
    findings = await reconcile(addresses, patience=30)
    planted = house.planted
    expected = [*["foreign"] * bool(planted.events or planted.places), *["parked_"] * bool(planted.parked)]
    return [
        f"{line.name}: {line.claim}: {line.count} differ, first {line.differences[:1]}"
        for line in findings.lines
        if not line.holds and not line.name.startswith(tuple(expected))
    ]


def _written(
    wanted: Wanted, house: House, done: list[Done], seen: Evidence, problems: Mapping[str, list[str]],
    figures: Mapping[str, float],
) -> Json:  # fmt: skip
    repeated = ledger.duplicates(seen)
    for fault in done:
        fault.figures["duplicates"] = sum(fault.began <= record.moment <= fault.ended for record in repeated)
    marketing = seen.tables["marketing"]
    return {
        "seed": wanted.seed,
        "segment": wanted.number,
        "commit": _commit(),
        "events": len(evidence.unique(seen.log).keys() - {""} - seen.planted.events),
        "records": len(seen.log),
        "duplicates": len(repeated),
        "redelivered": int(sum(fault.figures.get("redelivered", 0) for fault in done)),
        "parked": sum(len(ids) for ids in seen.parked.values()),
        "requests": dict(house.load.histories.outcomes()),
        "sent": sum(request.tries for request in house.load.histories.requests),
        "leads": len(marketing["leads"]),
        "deals": len(seen.tables["sales"]["deals"]),
        "won_minor": sum(
            row["reporting_minor"] for row in seen.tables["sales"]["deals"] if row["state"] == "won"
        ),
        "restarts": {name: program.starts - 1 for name, program in house.programs.items()},
        "figures": {name: round(value, 1) for name, value in figures.items()},
        "faults": [asdict(fault) for fault in done],
        "failed": [f"{fault.name}: {fault.failure}" for fault in done if fault.failure],
        "cut": house.stopped_wrong,
        "problems": {name: len(found) for name, found in problems.items()},
        "examples": {name: found[:20] for name, found in problems.items() if found},
    }


def _commit() -> str:
    """Which state of the product this was: segments may be run days apart."""
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip() or "unknown"
