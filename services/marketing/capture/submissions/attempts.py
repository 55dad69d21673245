"""Trying a batch in one transaction, and telling whose fault a failure is: its own, or the database's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries import claims
from shared.database.failures import Failure, failure_of, is_transient
from shared.database.sessions import Sessions

AT_ONCE = 3  # times a transaction is tried in a row when another one was in its way
Work = Callable[[AsyncSession], Awaitable[Any]]


async def error_of(sessions: Sessions, work: Work) -> Exception | None:
    """Do it in one transaction; what it failed with. Raises that when the database is away: then all wait.

    Who was in the way of another transaction, or was second with the same new row, tries again at once.
    """
    failed: Exception | None = None
    for _ in range(AT_ONCE):
        try:
            async with sessions.begin() as session:
                await work(session)
        except Exception as error:  # noqa: BLE001 - whatever it is, its batch is split
            failed = error
            if failure_of(error) not in (Failure.BUSY, Failure.NOT_UNIQUE):
                break
        else:
            return None
    if failed is not None and is_transient(failed) and not await _answers(sessions):
        raise failed
    return failed


async def _answers(sessions: Sessions) -> bool:
    """Whether the database is there for a small question: then what failed was no fault of its."""
    try:
        async with asyncio.timeout(3), sessions() as session:
            await session.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - no answer, for whatever reason
        return False
    return True


def may_pass(error: Exception, attempts: int) -> bool:
    return is_transient(error) and not is_too_much(error) and attempts < claims.MOST_ATTEMPTS


def is_too_much(error: BaseException) -> bool:
    """Whether it ran out of time: the same again would, too, and in parts it goes on."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.QueryCanceledError | TimeoutError):
            return True
        cause = cause.__cause__
    return False
