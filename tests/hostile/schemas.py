"""schemathesis on the three OpenAPI documents, over HTTP, in every role: no 5xx, no undocumented answer.

Its own checks of answers against the document are used, and that every route asks who is there.
Not used are two about methods: a path may be a fixed word for one method and an id for another.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.auth.access import Role
from shared.services import SERVICES
from tests.hostile.figures import Figures
from tests.support.loop import Loop

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "ignored_auth",
    "use_after_free",
)
# A 503 says when to come back; whether it is in the document is another check's business.
CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""
PATIENCE = 1500.0


@dataclass(frozen=True, slots=True)
class Run:
    """One service in one role. The admin, who may most, is played longest."""

    service: str
    role: str
    examples: int
    phases: str


def plan(*, long: bool) -> list[Run]:
    """The short run plays one role everywhere; the long one all of them, and nobody."""
    if not long:
        return [Run(service, "admin", 3, "coverage,fuzzing") for service in SERVICES]
    runs = [Run(service, "admin", 10, "examples,coverage,fuzzing,stateful") for service in SERVICES]
    writers = ("marketer", "sales_manager")  # who may change something, each in another service
    runs += [Run(service, role, 3, "coverage,fuzzing") for service in SERVICES for role in writers]
    others = [role.value for role in Role if role.value not in ("admin", *writers)]
    others += ["a service", "nobody"]
    return [*runs, *(Run(service, role, 3, "fuzzing") for service in SERVICES for role in others)]


def credentials(loop: Loop, run: Run) -> list[str]:
    """The header of this role, good for as long as the run may take."""
    if run.role == "nobody":
        return []
    if run.role == "a service":
        caller = next(name for name in SERVICES if name != run.service)
        return ["-H", f"Authorization: Bearer {loop.keys.service_token(caller, run.service)}"]
    end = int(time.time() + PATIENCE)
    return ["-H", f"Authorization: Bearer {loop.keys.token(run.role, subject=run.role, exp=end)}"]


async def attack(
    loop: Loop, *, long: bool, seed: int, tick: Callable[[str], None] = lambda _: None
) -> list[Figures]:
    found = Figures(
        "Generated requests",
        "schemathesis, from the three OpenAPI documents: no answer is 5xx (a documented 503 apart), "
        "and none is undocumented.",
    )
    cases, runs = 0, plan(long=long)
    room = asyncio.Semaphore(2)

    async def one(run: Run) -> tuple[Run, tuple[dict[str, Any] | None, str]]:
        async with room:
            tick(f"{run.service} as {run.role}")
            return run, await _run(loop, run, seed)

    for run, (report, said) in await asyncio.gather(*map(one, runs)):
        name = f"{run.service} as {run.role}"
        if report is None:
            found.faults.append(f"{name}: schemathesis did not come to an end: {said[-500:]}")
            continue
        cases += report["test_cases"]["generated"]
        found.counts[f"cases, {name}"] = report["test_cases"]["generated"]
        found.faults += faults_of(report, name)
    found.counts["cases in all"] = cases
    return [found]


def faults_of(report: dict[str, Any], name: str) -> list[str]:
    faults = [
        f"{name}: {failure['title']} ({failure['count']}): {', '.join(failure['operations'][:6])}"
        for failure in report["failures"]
    ]
    faults += [f"{name}: {error}" for error in report["errors"]]
    if report["operations"]["tested"] < report["operations"]["total"] or not report["complete"]:
        faults.append(f"{name}: not every operation was tried: {report['operations']}")
    return faults


async def _run(loop: Loop, run: Run, seed: int) -> tuple[dict[str, Any] | None, str]:
    place = loop.folder / "schemathesis"
    place.mkdir(exist_ok=True)
    (place / "schemathesis.toml").write_text(CONFIG)
    report = place / f"{run.service}-{run.role.replace(' ', '-')}.json"
    process = await asyncio.create_subprocess_exec(
        *command(loop, run, seed, report),
        cwd=place,
        env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(place / "examples")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate()
    except TimeoutError:
        return None, f"not within {PATIENCE:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = output.decode(errors="replace")
    (place / f"{report.stem}.txt").write_text(said)
    return (json.loads(report.read_text()) if report.exists() else None), said


def command(loop: Loop, run: Run, seed: int, report: Path) -> Sequence[str]:
    return [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("run", f"{loop.url(run.service)}/openapi.json", *credentials(loop, run)),
        *("--phases", run.phases, "--max-examples", str(run.examples), "--seed", str(seed)),
        *("--checks", ",".join(CHECKS), "--no-shrink", "--continue-on-failure", "--request-timeout", "30"),
        *("--report", "json", "--report-json-path", str(report), "--suppress-health-check", "all"),
    ]
