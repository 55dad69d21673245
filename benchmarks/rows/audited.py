"""A write over HTTP with its row in the audit trail, beside the same write without one."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection

import asyncpg

from benchmarks.figures import Effort, Goal, Report, lines_of, percentile, ratio
from benchmarks.house import House, open_house
from deploy.local.servers import free_port
from deploy.local.servers.ports import HOST
from shared import clock

NAME = "audited"
TITLE = "A write, audited"
OURS = "PATCH /v1/deals/{deal_id}, with its row in the audit trail"
BARE = "the same program without the trail"
WRITES = 300  # of each, in each turn
TURNS = 4  # in which both take turns, in each repeat
MOST = 1.15
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """One seller, one change of a deal's amount after the other; both programs on one database."""
    report = Report(
        NAME,
        TITLE,
        f"One connection to each of two processes, which take turns of {WRITES} writes; the middle of "
        f"{TURNS} turns a repeat. Each changes the amount of a deal, commits and answers.",
    )
    samples: dict[str, list[Run]] = {OURS: [], BARE: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("sales")
        rep = await _a_rep(house)
        ours = HTTPConnection(HOST, house.environment.port("SALES_PORT"), timeout=30)
        house.start("sales", "api")
        port = free_port()
        house.start("sales", "api", module="benchmarks.floors.no_trail", more={"PORT": str(port)})
        bare = HTTPConnection(HOST, port, timeout=30)
        deal = json.loads(_send(house, ours, "POST", "/v1/deals", {"rep_id": rep}))["id"]
        for line in (ours, bare):
            _writes(house, line, deal, 50)
        for _ in range(effort.repeats):
            took: dict[str, list[float]] = {OURS: [], BARE: []}
            for turn in range(TURNS):
                both = [(OURS, ours), (BARE, bare)]
                for name, line in both if turn % 2 else reversed(both):
                    took[name] += _writes(house, line, deal, WRITES)
            for name, times in took.items():
                samples[name].append(_run(times))
    report.lines = lines_of(samples)
    report.goals = [
        Goal(
            "p50 with the row, times that without it",
            ratio(samples[OURS], samples[BARE], lambda run: run["p50 ms"]),
            at_most=MOST,
        )
    ]
    return report


def _run(times: list[float]) -> Run:
    ordered = sorted(times)
    return {"p50 ms": percentile(ordered, 50), "p99 ms": percentile(ordered, 99)}


def _writes(house: House, line: HTTPConnection, deal: str, number: int) -> list[float]:
    took = []
    for count in range(number):
        amount = {"amount": {"amount": f"{count + 1}.00", "currency": "EUR"}}
        began = time.perf_counter()
        _send(house, line, "PATCH", f"/v1/deals/{deal}", amount)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _send(house: House, line: HTTPConnection, method: str, path: str, body: object) -> bytes:
    headers = {
        "Authorization": f"Bearer {house.admin_token}",
        "Content-Type": "application/json",
        "If-Match": "*",
    }
    line.request(method, path, body=json.dumps(body), headers=headers)
    answer = line.getresponse()
    found = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {found!r}")
    return found


async def _a_rep(house: House) -> str:
    """For whom the deal is; sales has heard of them."""
    rep = clock.new_id()
    connection = await asyncpg.connect(house.database("sales"))
    try:
        await connection.execute(
            "INSERT INTO reps (id, subject, display_name, team_id, team_name, active, version, changed_at) "
            "VALUES ($1, 'rep', 'Rep', $1, 'Team', true, 1, now())",
            rep,
        )
    finally:
        await connection.close()
    return str(rep)
