"""What every HTTP service has in common. A slice needs `router`, `Transaction` and `allow` from here.

app = create_service("handoff", settings, [reps.router, assignments.router])
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from shared.auth.access import Access, Caller, Role, allow, public
from shared.auth.authentication import Authenticator
from shared.database.admission import Admission
from shared.database.notify import OUTBOX_CHANNEL, Notifier
from shared.database.sessions import create_engine, create_sessions
from shared.errors import UnsupportedMediaError
from shared.http import api_key_routes, docs_page, openapi, problems, route_access
from shared.http.health import Health, database_check, health_doors, refuse_unsafe
from shared.http.raw_routes import (
    Answer,
    Call,
    Door,
    Doors,
    answer_json,
    as_answer,
    pass_through,
    send_answer,
)
from shared.http.routes import Edge, router
from shared.http.transactions import Transaction, release
from shared.observability import telemetry
from shared.observability.logs import get_logger
from shared.settings import CommonSettings

__all__ = [
    "Access",
    "Answer",
    "Call",
    "Caller",
    "Door",
    "Role",
    "Service",
    "Transaction",
    "allow",
    "answer_json",
    "create_service",
    "public",
    "release",
    "router",
]

log = get_logger()
Background = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_SAFE_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Service(FastAPI):
    """FastAPI with an edge in front: trace, doors, problem answers, metrics and one log line per request."""

    doors: Doors = Doors(())
    _described: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """The whole description, doors included; made once."""
        if self._described is None:
            self._described = openapi.complete(super().openapi(), self)
        return self._described

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        arrival = _Arrival(scope, send)
        try:
            await self._answer(arrival, receive)
        except ClientDisconnect:
            arrival.status = arrival.status or 499
        except Exception as error:  # noqa: BLE001 - the last one who can still answer
            await arrival.fail(error)
        finally:
            arrival.note()

    async def _answer(self, arrival: "_Arrival", receive: Receive) -> None:
        scope = arrival.scope
        if arrival.compressed:
            raise UnsupportedMediaError("Send the body without Content-Encoding; none is unpacked here.")
        found = self.doors.find(scope["method"], scope["path"])
        if found is None:
            await super().__call__(scope, receive, arrival.send)
            return
        door, params = found
        arrival.route, arrival.quiet = door.path, True
        await pass_through(door, params, scope, receive, arrival.send)


class _Arrival:
    """One request on its way through: what is learned about it, for its answer, the log and the metrics."""

    __slots__ = ("_send", "began", "compressed", "quiet", "route", "scope", "status", "trace")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.began = time.perf_counter()
        self.status = 0
        self.route = ""
        self.quiet = self.compressed = False
        self._send = send
        parent: str | None = None
        for name, value in scope["headers"]:
            if name == b"traceparent":
                parent = value.decode("latin-1")
            elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
                self.compressed = True
        self.trace = telemetry.follow(parent)
        telemetry.traceparent.set(self.trace)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [
                *message.get("headers", ()),
                (b"x-request-id", telemetry.trace_id(self.trace).encode()),
            ]
            present = {name for name, _ in headers}
            headers += [header for header in _SAFE_HEADERS if header[0] not in present]
            message["headers"] = headers
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer a problem, unless an answer has begun. Only our own mistakes are logged as errors."""
        problem = problems.problem_of(error)
        if problem.status == 500:
            log.error("request_failed", method=self.scope["method"], exc_info=error)
        if not self.status:
            await send_answer(self.send, as_answer(problem))

    def note(self) -> None:
        method, took = self.scope["method"], time.perf_counter() - self.began
        route = self.route or getattr(self.scope.get("route"), "path", "unmatched")
        telemetry.count_request(method, route, self.status, took)
        if self.quiet and self.status < 400:
            return
        log.info(
            "answered", method=method, route=route, status=self.status, duration_ms=round(took * 1000, 1)
        )


async def _show_problem(request: Request, error: Exception) -> Response:
    problem = problems.problem_of(error)
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        problem = problems.of_no_route(problem, route_access.methods_at(request.app, request.url.path))
    if problem.status == 500 and isinstance(error, SQLAlchemyError):
        log.error("request_failed", exc_info=error)  # the edge logs those that FastAPI lets through
    return problems.answer(problem)


def create_service(
    name: str,
    settings: CommonSettings,
    routers: Sequence[APIRouter],
    *,
    doors: Sequence[Door] = (),
    background: Sequence[Background] = (),
    title: str | None = None,
    description: str = "",
) -> Service:
    """The HTTP program of one service.

    `background` are async context managers of the app, entered at start and left at the stop,
    for what a door needs running (a group committer). `app.state` has `sessions`, `settings` and the
    `notifier`, which wakes the worker: after each commit that staged events, or on a channel of yours.
    Raises UnmarkedRouteError when a route does not say who may call it.
    """
    settings.require("auth_issuer", "auth_jwks_url", "service_jwks_url")
    url, program = settings.database_url, f"{name}-api"
    engine = create_engine(url, pool_size=settings.database_pool, application=program)
    notifier = Notifier(url, application=f"{program}-notify")
    sessions = create_sessions(engine, announce=lambda: notifier.notify(OUTBOX_CHANNEL))

    app = Service(
        title=title or f"Leadloop {name}",
        description=description,
        lifespan=_lifespan(engine, notifier, background),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    admission = Admission(settings.database_pool + settings.request_queue)
    authenticator = Authenticator(name, settings, sessions, admission)
    app.state.edge = Edge(name, sessions, authenticator, admission)
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.notifier = notifier
    for each in (*routers, api_key_routes.keys):
        app.include_router(each)
    app.state.health = Health({"database": database_check(engine, name)})
    app.doors = Doors([*doors, *health_doors(app.state.health)])
    docs_page.add(app)
    _catch_problems(app)
    route_access.check_marked(app)
    return app


def _lifespan(
    engine: AsyncEngine, notifier: Notifier, background: Sequence[Background]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs while the app does; nothing starts on an unsafe database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.dispose)
            await refuse_unsafe(engine)
            await stack.enter_async_context(_running(notifier.run()))
            for enter in background:
                await stack.enter_async_context(enter(app))
            yield

    return lifespan


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _catch_problems(app: FastAPI) -> None:
    for kind in (*problems.FORESEEN, Exception):
        app.add_exception_handler(kind, _show_problem)
