"""The HTTP program of one service, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.auth.authentication import Authenticator
from shared.auth.quotas import KeyQuota
from shared.database.admission import Admission
from shared.database.notify import OUTBOX_CHANNEL, Notifier
from shared.database.sessions import create_engine, create_sessions
from shared.http import api_key_routes, docs_page, problems, route_access
from shared.http.audit.refusals import Refusals
from shared.http.audit.routes import audit
from shared.http.client_address import TrustedProxies
from shared.http.health import Health, database_check, health_doors, refuse_unsafe
from shared.http.raw_routes import RawRoute, RawRoutes
from shared.http.routes import Edge
from shared.http.service import Service, log
from shared.observability import metrics
from shared.settings import CommonSettings, networks

Background = Callable[[FastAPI], AbstractAsyncContextManager[None]]


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
    doors: Sequence[RawRoute] = (),
    background: Sequence[Background] = (),
    title: str | None = None,
    description: str = "",
) -> Service:
    """The HTTP program of one service.

    `background` are async context managers of the app, entered at start and left at the stop,
    for what a door needs running (a group committer). `app.state` has `sessions`, `settings` and the
    `notifier`, which wakes the worker: after each commit that staged events, or on a channel of yours.
    Raises UnmarkedRouteError when a route does not say who may call it, SettingsError when the settings of
    the sign-on make no sense.
    """
    settings.require("auth_issuer", "service_jwks_url")
    url, program = settings.database_url, f"{name}-api"
    engine = create_engine(url, pool_size=settings.database_pool, application=program)
    metrics.watch_pool(engine)
    notifier = Notifier(url, application=f"{program}-notify")
    sessions = create_sessions(engine, announce=lambda: notifier.notify(OUTBOX_CHANNEL))

    admission = Admission(settings.database_pool + settings.request_queue)
    authenticator = Authenticator(name, settings, sessions, admission)

    app = Service(
        title=title or f"Leadloop {name}",
        description=description,
        lifespan=_lifespan(engine, notifier, authenticator, background),
        openapi_url="/openapi.json" if settings.api_docs else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    keys = KeyQuota(burst=settings.key_burst, per_second=settings.key_rate)
    app.state.edge = Edge(name, sessions, authenticator, admission, keys, settings.keep_answers_days)
    app.state.trusted_proxies = TrustedProxies(settings.trusted_proxies, settings.forwarded_header)
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.notifier = notifier
    app.state.refusals = Refusals(sessions)
    for each in (*routers, api_key_routes.keys, audit):
        app.include_router(each)
    app.state.health = Health(
        {"database": database_check(engine, settings.migrations)},
        lambda: {"pool": metrics.pool_of(engine), "sign_on": authenticator.state()},
    )
    health = health_doors(app.state.health, networks(settings.metrics_networks))
    app.doors = RawRoutes([*doors, *health])
    if settings.api_docs:
        docs_page.add(app, settings.url)
    _catch_problems(app)
    route_access.check_marked(app)
    return app


def _lifespan(
    engine: AsyncEngine, notifier: Notifier, authenticator: Authenticator, background: Sequence[Background]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs while the app does; nothing starts on an unsafe database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.dispose)
            await refuse_unsafe(engine)
            await stack.enter_async_context(_running(notifier.run()))
            await stack.enter_async_context(_running(authenticator.fetch_keys()))
            await stack.enter_async_context(_running(app.state.refusals.run()))
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
