"""A database error means the same to who tries again and to who answers a caller."""

from socket import gaierror

import asyncpg
import pytest
from asyncpg import exceptions
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.database.failures import Failure, failure_of, is_transient
from shared.http.problems import problem_of


def wrapped(cause: Exception, *, invalidated: bool = False) -> DBAPIError:
    """As SQLAlchemy raises it: around its driver's error, which is around the server's."""
    driver = Exception("the driver's")
    driver.__cause__ = cause
    return DBAPIError("SELECT 1", None, driver, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "failure", "again", "status"),
    [
        (exceptions.UniqueViolationError("x"), Failure.NOT_UNIQUE, False, 409),
        (exceptions.ForeignKeyViolationError("x"), Failure.NO_REFERENCE, False, 409),
        (exceptions.DeadlockDetectedError("x"), Failure.BUSY, True, 409),
        (exceptions.LockNotAvailableError("x"), Failure.BUSY, True, 409),
        (exceptions.StatementCompletionUnknownError("x"), Failure.DEFECT, True, 500),
        (exceptions.QueryCanceledError("x"), Failure.SLOW, True, 503),
        (exceptions.AdminShutdownError("x"), Failure.AWAY, True, 503),
        (exceptions.TooManyConnectionsError("x"), Failure.AWAY, True, 503),
        (exceptions.PostgresIOError("x"), Failure.AWAY, True, 503),
        (exceptions.InvalidPasswordError("x"), Failure.AWAY, True, 503),
        (exceptions.InternalServerError("x"), Failure.DEFECT, True, 500),
        (exceptions.NumericValueOutOfRangeError("x"), Failure.MISFIT, False, 422),
        (exceptions.UndefinedTableError("x"), None, False, 500),
        (asyncpg.InterfaceError("x"), Failure.AWAY, True, 503),
        (ConnectionResetError(), Failure.AWAY, True, 503),
        (gaierror(), Failure.AWAY, True, 503),
        (TimeoutError(), Failure.SLOW, True, 503),
        (ValueError(), None, False, 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_means_the_same_to_everybody_however_it_is_wrapped(
    error: Exception, failure: Failure | None, again: bool, status: int
) -> None:
    for seen in (error, wrapped(error)):
        assert (failure_of(seen), is_transient(seen), problem_of(seen).status) == (failure, again, status)


def test_a_full_pool_passes() -> None:
    assert failure_of(PoolTimeoutError()) is Failure.FULL
    assert is_transient(PoolTimeoutError())


def test_a_missing_socket_may_come_back_but_a_missing_file_is_our_defect_to_a_caller() -> None:
    assert is_transient(FileNotFoundError())
    assert problem_of(FileNotFoundError()).status == 500


def test_a_connection_that_was_lost_is_tried_again_whatever_it_said() -> None:
    assert is_transient(wrapped(exceptions.UndefinedTableError("x"), invalidated=True))
