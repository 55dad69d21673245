"""`/livez`, `/readyz` and `/metrics`, for APIs (as doors) and for the worker's own port."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import schema_state, telemetry
from shared.auth import public
from shared.doors import Answer, Call, Door, answer_json
from shared.problems import problem_of

Check = Callable[[], Awaitable[str | None]]  # None when well, else what is wrong
REMEMBERED_SECONDS = 0.5
METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Health:
    """What a process says about itself. Stopping wins over every check."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._found: dict[str, str | None] = {}
        self._looked = float("-inf")
        self.stopping = False

    async def problems(self) -> dict[str, str]:
        """What is wrong, by check; empty when ready. Looked up anew at most twice a second."""
        if self.stopping:
            return {"process": "stopping"}
        if time.monotonic() - self._looked > REMEMBERED_SECONDS:
            self._found = {name: await _outcome(check) for name, check in self._checks.items()}
            self._looked = time.monotonic()
        return {name: wrong for name, wrong in self._found.items() if wrong is not None}


async def _outcome(check: Check) -> str | None:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, the process is not ready
        return f"{problem_of(error).slug}: {type(error).__name__}"


def database_check(engine: AsyncEngine, service: str) -> Check:
    """Whether the database answers and has every migration this code knows."""

    async def check() -> str | None:
        async with asyncio.timeout(2), engine.connect() as connection:
            state = await schema_state.state(connection, service)
        return None if state == "current" else "migrations are missing: run `leadloop migrate`"

    return check


def health_doors(health: Health) -> list[Door]:
    """The three paths every process serves."""

    async def livez(_: Call) -> Answer:
        return answer_json(200, {"status": "live"})

    async def readyz(_: Call) -> Answer:
        wrong = await health.problems()
        return answer_json(
            503 if wrong else 200, {"status": "not ready" if wrong else "ready", "problems": wrong}
        )

    async def metrics(_: Call) -> Answer:
        return Answer(200, telemetry.metrics_page(), ((b"content-type", METRICS_TYPE),))

    def operation(summary: str, problem: str | None = None) -> dict[str, Any]:
        answers = {"200": {"description": summary}, **({"503": {"description": problem}} if problem else {})}
        return {"get": {"summary": summary, "tags": ["health"], "responses": answers}}

    why = public("asked by the platform; shows no data")
    return [
        Door("/livez", ("GET", "HEAD"), livez, why, operations=operation("The process runs")),
        Door(
            "/readyz",
            ("GET", "HEAD"),
            readyz,
            why,
            operations=operation("Ready to answer", "What is wrong, by check"),
        ),
        Door("/metrics", ("GET",), metrics, why, operations=operation("Numbers in Prometheus' text format")),
    ]
