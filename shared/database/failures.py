"""What a database error means: try again, or don't."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# What a call raises while the server is away. Asking again later is the remedy.
NOT_REACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
)


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: the server is away, busy, or another transaction was in the way."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
        return error.connection_invalidated or isinstance(error, InterfaceError) or is_transient(cause)
    return isinstance(
        error,
        OSError
        | TimeoutError
        | PoolTimeoutError
        | OperationalError
        | asyncpg.PostgresConnectionError
        | asyncpg.InterfaceError
        | asyncpg.InsufficientResourcesError
        | asyncpg.OperatorInterventionError
        | asyncpg.TransactionRollbackError
        | asyncpg.LockNotAvailableError
        | asyncpg.ReadOnlySQLTransactionError
        | asyncpg.InternalServerError,
    )
