"""A year's ROI report over HTTP, at a size and at ten times that, beside one query over raw rows."""

import json
import time
from collections.abc import Mapping
from datetime import date
from http.client import HTTPConnection

import asyncpg

from benchmarks import past
from benchmarks.figures import Effort, Goal, Report, Spread, lines_of, percentile, ratio
from benchmarks.house import House, open_house
from deploy.local.servers.ports import HOST

NAME = "roi"
TITLE = "ROI report of a year"
OURS = "GET /v1/reports/roi"
TEN_TIMES = "the same with ten times the deals, leads and sums"
RAW = "one SQL query over the raw rows, no HTTP"
PATH = "/v1/reports/roi?from=2025-01-01&to=2026-01-01&model=linear&group_by=campaign"
REPORTS = 150  # asked for in each turn
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """One reader, one report after the other."""
    report = Report(
        NAME,
        TITLE,
        f"{effort.events * past.TOUCHES:,} touches of {effort.events:,} leads, each with a deal won; "
        f"{past.CAMPAIGNS} campaigns, spend of every day; seeded by SQL as the services would have left it: "
        "deals, leads, cycles, spend and sums by day; touches only at the smaller size, for the query "
        f"beside it. One connection, {REPORTS} reports in each turn.",
    )
    samples: dict[str, list[Run]] = {OURS: [], RAW: [], TEN_TIMES: []}
    with open_house(effort.profile_into, kafka=False) as house:
        await house.migrate("marketing")
        await past.found(house)
        await past.live(house, 0, effort.events, touches=True)
        house.start("marketing", "api")
        for _ in range(effort.repeats):
            run, revenue = _ask(house)
            samples[OURS].append(run)
            raw, raw_revenue = await _query(house)
            samples[RAW].append(raw)
            if revenue != raw_revenue:
                report.broken.append(f"the report says {revenue}, the raw rows {raw_revenue}")
        await past.live(house, effort.events, 10 * effort.events, touches=False)
        samples[TEN_TIMES] = [_ask(house)[0] for _ in range(effort.repeats)]
    report.lines = lines_of(samples)
    slowest = [max(one["p99 ms"], other["p99 ms"]) for one, other in zip(*_both(samples), strict=True)]
    report.goals = [
        Goal("p99 in ms, the worse of both sizes", Spread.of(slowest), at_most=20),
        Goal("p50 at ten times the size, times the smaller", _growth(samples), at_most=1.2),
    ]
    return report


def _both(samples: Mapping[str, list[Run]]) -> tuple[list[Run], list[Run]]:
    return samples[OURS], samples[TEN_TIMES]


def _growth(samples: Mapping[str, list[Run]]) -> Spread:
    return ratio(samples[TEN_TIMES], samples[OURS], lambda run: run["p50 ms"])


def _ask(house: House) -> tuple[Run, int]:
    """Ask for the report again and again; how long it took, and the revenue it shows in cents."""
    connection = HTTPConnection(HOST, house.environment.port("MARKETING_PORT"), timeout=30)
    headers = {"Authorization": f"Bearer {house.admin_token}"}
    took = []
    body = b""
    for _ in range(REPORTS + 5):
        began = time.perf_counter()
        connection.request("GET", PATH, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"The report answered {answer.status}: {body[:300]!r}")
    connection.close()
    shown = json.loads(body)
    if not shown["reconciliation"]["holds"]:
        raise RuntimeError(f"The seeded sums do not add up: {shown['reconciliation']}")
    ordered = sorted(took[5:])
    cents = int(shown["totals"]["revenue"]["amount"].replace(".", ""))
    return {"p50 ms": percentile(ordered, 50), "p99 ms": percentile(ordered, 99)}, cents


async def _query(house: House) -> tuple[Run, int]:
    connection = await asyncpg.connect(house.database("marketing"))
    await connection.execute("SET statement_timeout = 0")
    began = time.perf_counter()
    rows = await connection.fetch(past.RAW_REPORT, date(2025, 1, 1), date(2026, 1, 1), timeout=120)
    took = (time.perf_counter() - began) * 1000
    await connection.close()
    return {"p50 ms": took}, sum(row["revenue"] for row in rows)
