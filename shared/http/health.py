"""`/livez`, `/readyz` and `/metrics`, for APIs (as raw routes) and for the worker's own port."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from shared.auth.access import public
from shared.database import schema_state
from shared.database.failures import NOT_REACHABLE, why
from shared.database.safety import UnsafeServerError, check_database
from shared.errors import NotFoundError
from shared.http import client_address
from shared.http.problems import problem_of
from shared.http.raw_routes import Answer, Call, RawRoute, answer_json
from shared.observability import telemetry
from shared.settings import Network

Check = Callable[[], Awaitable[str | None]]  # None when well, else what is wrong
REMEMBERED_SECONDS = 0.5
log = get_logger()
METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Health:
    """What a process says about itself. Stopping wins over every check."""

    def __init__(
        self, checks: Mapping[str, Check], details: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        self._checks = checks
        # Worth knowing, and no reason not to be ready.
        self.details = details or dict
        self._found: dict[str, str] = {}
        self._looked = float("-inf")
        self.stopping = False

    def add(self, name: str, check: Check) -> None:
        """One thing more that readiness rests on."""
        self._checks = {**self._checks, name: check}

    async def checks(self) -> dict[str, str]:
        """Each thing readiness rests on, and `ok` or what is wrong; looked up twice a second at most."""
        if time.monotonic() - self._looked > REMEMBERED_SECONDS:
            self._looked = time.monotonic()
            self._found = {name: await _outcome(check) for name, check in self._checks.items()}
        return {"process": "stopping" if self.stopping else "ok", **self._found}


async def _outcome(check: Check) -> str:
    try:
        return await check() or "ok"
    except Exception as error:  # noqa: BLE001 - whatever it is, the process is not ready
        return f"{problem_of(error).slug}: {type(error).__name__}"


def database_check(engine: AsyncEngine, migrations: Path) -> Check:
    """Whether the database answers, keeps what it acknowledges, and has every migration this code knows."""
    safe = False

    async def check() -> str | None:
        nonlocal safe
        try:
            async with asyncio.timeout(2):
                if not safe:
                    await check_database(engine)
                    safe = True
                async with engine.connect() as connection:
                    state = await schema_state.state(connection, migrations)
        except UnsafeServerError as error:
            return f"unsafe: {error}"
        except PoolTimeoutError:
            return None  # busy is not away: a full pool must not take the process out of service
        return None if state == "current" else "migrations missing: run `leadloop migrate`"

    return check


async def refuse_unsafe(engine: AsyncEngine) -> None:
    """At the start. Raises UnsafeServerError when the database could lose what it acknowledges.

    A database that is away is no reason not to start: readiness says so, and it is checked when it is back.
    """
    try:
        async with asyncio.timeout(5):
            await check_database(engine)
    except UnsafeServerError as error:
        log.exception("unsafe_database", reason=str(error))
        raise
    except (SQLAlchemyError, TimeoutError, *NOT_REACHABLE) as error:
        log.warning("database_not_reachable", **why(error))


def is_within(address: str | None, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of them; None, a local socket, belongs to each."""
    if address is None:
        return True
    found = client_address.read(address)
    return found is not None and any(found in network for network in networks)


def health_doors(health: Health, metrics_for: Sequence[Network] = ()) -> list[RawRoute]:
    """The three paths every process serves; the numbers only for these networks, or for everybody."""

    async def livez(_: Call) -> Answer:
        return answer_json(200, {"status": "ok"})

    async def readyz(_: Call) -> Answer:
        checks = await health.checks()
        ready = all(found == "ok" for found in checks.values())
        status = "ok" if ready else "unavailable"
        return answer_json(
            200 if ready else 503, {"status": status, "checks": checks, "details": health.details()}
        )

    async def metrics(call: Call) -> Answer:
        if metrics_for and not is_within(client_address.client_address(call.scope), metrics_for):
            raise NotFoundError("There is no such path.")
        return Answer(200, telemetry.metrics_page(), ((b"content-type", METRICS_TYPE),))

    def operation(summary: str, problem: str | None = None) -> dict[str, Any]:
        answers = {"200": {"description": summary}, **({"503": {"description": problem}} if problem else {})}
        return {"get": {"summary": summary, "tags": ["health"], "responses": answers}}

    why = public("asked by the platform; shows no data")
    return [
        RawRoute("/livez", ("GET", "HEAD"), livez, why, operations=operation("The process runs")),
        RawRoute(
            "/readyz",
            ("GET", "HEAD"),
            readyz,
            why,
            operations=operation("Ready to answer", "What is wrong, by check"),
        ),
        RawRoute(
            "/metrics", ("GET",), metrics, why, operations=operation("Numbers in Prometheus' text format")
        ),
    ]
