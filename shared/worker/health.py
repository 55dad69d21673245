"""`/livez`, `/readyz` and `/metrics` of a worker: a few lines of HTTP, no framework in the process."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import schema_state
from shared.database.failures import NOT_REACHABLE
from shared.messaging.consumer import Consumer
from shared.observability import telemetry

LONGEST_REQUEST = 8192


@dataclass(slots=True)
class Health:
    """What the worker knows about itself."""

    engine: AsyncEngine
    migrations: Path
    consumer: Consumer | None = None
    stopping: bool = False
    # What waits, by the last look: worth knowing, and no reason not to be ready.
    details: Callable[[], Mapping[str, Any]] = dict

    async def checks(self) -> dict[str, str]:
        """Each thing readiness rests on, and `ok` or what is wrong with it."""
        found = {
            "process": "stopping" if self.stopping else "ok",
            "database": "unreachable",
            "broker": "not joined",
            "guard": "ok",
        }
        with contextlib.suppress(TimeoutError, *NOT_REACHABLE):
            async with asyncio.timeout(2), self.engine.connect() as connection:
                state = await schema_state.state(connection, self.migrations)
                found["database"] = (
                    "ok" if state == "current" else "migrations missing: run `leadloop migrate`"
                )
        if self.consumer is not None:
            if self.consumer.joined:
                found["broker"] = "ok"
            if self.consumer.halted:
                found["guard"] = f"stopped: {', '.join(self.consumer.halted)}; see `leadloop parked list`"
        return found


async def serve(health: Health, host: str, port: int) -> asyncio.Server:
    """Answer health questions until the server is closed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            status, kind, body = await _page(health, request.split(b" ", 2)[1].decode("latin-1"))
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
                "connection: close\r\n\r\n".encode()
                + body
            )
            await asyncio.wait_for(writer.drain(), 5)
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=LONGEST_REQUEST)


async def _page(health: Health, path: str) -> tuple[str, str, bytes]:
    if path == "/livez":
        return "200 OK", "application/json", b'{"status":"ok"}'
    if path == "/metrics":
        return "200 OK", "text/plain; version=0.0.4", telemetry.metrics_page()
    if path == "/readyz":
        checks = await health.checks()
        ready = all(value == "ok" for value in checks.values())
        body = orjson.dumps(
            {"status": "ok" if ready else "unavailable", "checks": checks, "details": dict(health.details())}
        )
        return "200 OK" if ready else "503 Service Unavailable", "application/json", body
    return "404 Not Found", "application/json", b"{}"
