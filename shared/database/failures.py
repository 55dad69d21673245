"""What a database error means, said once: for who may try again, and for who tells a caller."""

from collections.abc import Mapping
from enum import Enum, auto
from socket import gaierror
from ssl import SSLCertVerificationError, SSLError

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# What a call raises while the server is away. Asking again later is the remedy.
NOT_REACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidAuthorizationSpecificationError,  # a role, a password or TLS that the server does not take
    asyncpg.InterfaceError,
)


class Failure(Enum):
    """Why the database did not do it."""

    AWAY = auto()  # it can't be reached, takes no connection, or only reads
    FULL = auto()  # our own pool has no connection left
    SLOW = auto()  # it took too long; whether it happened is not known
    BUSY = auto()  # another transaction was in the way
    DEFECT = auto()  # an error inside the server, which may not come again
    NOT_UNIQUE = auto()
    NO_REFERENCE = auto()
    MISFIT = auto()  # a value does not fit its column


PASSING = frozenset({Failure.AWAY, Failure.FULL, Failure.SLOW, Failure.BUSY, Failure.DEFECT})
# The server's codes, or the first two characters of those that mean the same as a class.
_STATES: Mapping[str, Failure] = {
    "08": Failure.AWAY,
    "22": Failure.MISFIT,
    "23503": Failure.NO_REFERENCE,
    "23505": Failure.NOT_UNIQUE,
    "25006": Failure.AWAY,
    "28000": Failure.AWAY,
    "28P01": Failure.AWAY,
    "3D000": Failure.AWAY,
    "40": Failure.DEFECT,
    "40001": Failure.BUSY,
    "40P01": Failure.BUSY,
    "53": Failure.AWAY,
    "55P03": Failure.BUSY,
    "57": Failure.AWAY,
    "57014": Failure.SLOW,
    "58": Failure.AWAY,
    "XX": Failure.DEFECT,
}


def failure_of(error: BaseException) -> Failure | None:
    """What this error means; None when it is no failure of the database, or one that is our defect."""
    if isinstance(error, PoolTimeoutError):
        return Failure.FULL
    cause = _innermost(error)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _STATES.get(state) or _STATES.get(state[:2])
    if isinstance(cause, asyncpg.InterfaceError | ConnectionError | SSLError) or isinstance(
        error, InterfaceError
    ):
        return Failure.AWAY
    if isinstance(cause, TimeoutError):
        return Failure.SLOW
    # A failed connect is a plain OSError of asyncio; a missing file, say, is a subclass and our defect.
    if type(cause) is OSError or isinstance(cause, gaierror) or isinstance(error, OperationalError):
        return Failure.AWAY
    return None


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: the server is away, busy, or another transaction was in the way."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(_innermost(error), OSError) or failure_of(error) in PASSING


def why(error: BaseException) -> dict[str, str]:
    """What the log says of a server that could not be reached: `error_type`, and `reason` if known."""
    reason = reason_of(error)
    return {"error_type": type(error).__name__, **({"reason": reason} if reason else {})}


def reason_of(error: BaseException) -> str | None:
    """What an operator has to mend, in a sentence; None for what passes by itself or says enough already."""
    cause = _innermost(error)
    if isinstance(cause, SSLCertVerificationError):
        return f"the server's certificate is refused: {cause.verify_message}"
    if isinstance(cause, SSLError):
        return f"TLS with the server failed: {cause.reason or cause}"
    if isinstance(cause, ConnectionError) and "SSL upgrade" in str(cause):
        return "the server does not take TLS, and its URL asks for it (sslmode)"
    if isinstance(cause, asyncpg.InvalidPasswordError):
        return "the server refuses this role or its password"
    if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError):
        plain = "no encryption" in str(cause)
        return (
            "the server takes TLS only: say sslmode=verify-full in its URL"
            if plain
            else "the server does not let this role in from here (pg_hba.conf, client certificate)"
        )
    return None


def _innermost(error: BaseException) -> BaseException:
    """SQLAlchemy wraps asyncpg's error twice; the innermost one carries the server's code."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
