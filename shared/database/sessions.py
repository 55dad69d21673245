"""One engine per process, one transaction per request or batch, and the settings the promises need."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from shared.database import addresses
from shared.database.failures import NOT_REACHABLE

Sessions = async_sessionmaker[AsyncSession]
if TYPE_CHECKING:  # generic for the checker only
    Driver = asyncpg.Connection[asyncpg.Record]
else:
    Driver = asyncpg.Connection

# Bounded waits: a forgotten transaction or a lost lock must never stop a service for good.
SESSION_SETTINGS: Mapping[str, str] = {
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "timezone": "UTC",
}


def create_engine(url: str, *, pool_size: int = 10, application: str = "leadloop") -> AsyncEngine:
    """An engine whose pool waits at most a quarter of a second: busy is answered, not queued for ever.

    Raises SettingsError when the URL, or a file that it names, can't be used.
    """
    address = addresses.read(url).check()
    engine = create_async_engine(
        # What is shown of it only: connections are made as everybody's are.
        URL.create(
            "postgresql+asyncpg",
            username=address.user,
            password=address.password,
            host=address.hosts[0] if address.hosts else None,
            port=address.ports[0] if address.ports else None,
            database=address.database,
        ),
        async_creator=lambda: connect(url, application=application),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=0.25,
        pool_recycle=1800,
    )
    event.listen(engine.sync_engine, "checkout", _leave_out_closed)
    event.listen(engine.sync_engine, "handle_error", _as_the_driver_said)
    return engine


def _as_the_driver_said(failed: ExceptionContext) -> BaseException | None:
    """A connection that could not be made raises the error of asyncpg, as `connect` does: see NOT_REACHABLE.

    SQLAlchemy wraps it as it wraps those of statements, and who waits for a server would not know it again.
    """
    cause = failed.original_exception.__cause__
    return cause if failed.connection is None and isinstance(cause, NOT_REACHABLE) else None


def _leave_out_closed(held: Any, *_: object) -> None:
    """Give nobody a connection that the server has closed: asyncpg has seen it, for it always reads.

    SQLAlchemy's own check asks the server, in a transaction: half of what a small one costs. Neither helps
    against a line that went silent.
    """
    if held.driver_connection.is_closed():
        raise InvalidatePoolError


def create_sessions(engine: AsyncEngine, *, announce: Callable[[], None] | None = None) -> Sessions:
    """Sessions of this process; `announce` is called after each commit that staged events."""
    return async_sessionmaker(engine, expire_on_commit=False, info={"announce": announce})


async def connect(url: str, *, application: str, **settings: str) -> Driver:
    """A connection: of the pool, or one of its own for the relay's lock, LISTEN and NOTIFY.

    A server that can't prove who it is, where the URL asks for that, is not spoken to.
    """
    given = addresses.read(url).driver_arguments(application)
    given["server_settings"] = {**SESSION_SETTINGS, **given["server_settings"], **settings}
    try:
        return await asyncpg.connect(**given, command_timeout=12)
    except asyncpg.TargetServerAttributeNotMatched as error:
        raise ConnectionError(str(error)) from error  # while a standby takes over: everybody tries again


async def driver(session: AsyncSession) -> Driver:
    """asyncpg's own connection inside the session's transaction, for set-based statements.

    SQLAlchemy begins its transaction with its own first statement only, so one is sent
    when none has been: what runs here always commits or rolls back with the session.
    """
    # Found once per transaction: asking SQLAlchemy again costs as much as a small statement. A savepoint
    # is one of its own, and asked for anew: SQLAlchemy sends SAVEPOINT only when it is.
    transaction = _transaction(session)
    found: tuple[object, Driver] | None = session.info.get("driver")
    if transaction is not None and found is not None and found[0] is transaction:
        return found[1]
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    native = cast(Driver, raw.driver_connection)
    if not native.is_in_transaction():
        await connection.exec_driver_sql("SELECT 1")
    session.info["driver"] = _transaction(session), native
    return native


def _transaction(session: AsyncSession) -> object:
    """The innermost transaction or savepoint that is open; None before the first statement."""
    inside = session.sync_session
    return inside.get_nested_transaction() or inside.get_transaction()


async def database_time(session: AsyncSession) -> datetime:
    """When this transaction began, by the database's clock: the one clock every worker shares."""
    moment: datetime = (await session.execute(text("SELECT now()"))).scalar_one()
    return moment
