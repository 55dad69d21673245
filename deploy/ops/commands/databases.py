"""A service's database for the length of one command, and errors as one line instead of a traceback."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from importlib import import_module
from typing import TypeVar

from deploy.ops.addresses import database_url
from deploy.ops.terminal import fail
from shared.database.failures import NOT_REACHABLE, reason_of
from shared.database.sessions import Sessions, create_engine, create_sessions
from shared.errors import ProblemError
from shared.messaging.subscriptions import Subscriptions

Answer = TypeVar("Answer")


class Service(StrEnum):
    """Whose database."""

    MARKETING = "marketing"
    HANDOFF = "handoff"
    SALES = "sales"


def ask(service: Service, work: Callable[[Sessions], Awaitable[Answer]]) -> Answer:
    """Run `work` on the service's database; what a caller can mend ends the program in one line."""

    async def run() -> Answer:
        engine = create_engine(database_url(service), pool_size=1, application="leadloop-operator")
        try:
            return await work(create_sessions(engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except ProblemError as error:
        raise fail(error.detail) from error
    except (*NOT_REACHABLE, TimeoutError) as error:
        raise fail(f"the database of {service} does not answer: {reason_of(error) or error}") from error


def subscriptions_of(service: Service) -> Subscriptions:
    """What the service listens to, with its handlers."""
    found: Subscriptions = import_module(f"services.{service}.subscriptions").subscriptions
    return found
