"""Every error answer: which problem an exception is, and how a problem is written (RFC 9457)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from socket import gaierror
from typing import Any

import asyncpg
import orjson
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import (
    BusyError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InternalError,
    InvalidError,
    MethodNotAllowedError,
    NotFoundError,
    ProblemError,
    StaleError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnparseableError,
    UnsupportedMediaError,
)
from shared.observability import telemetry

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:leadloop:problem:"

_BY_STATUS: Mapping[int, type[ProblemError]] = {
    400: UnparseableError,
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    413: TooLargeError,
    415: UnsupportedMediaError,
    422: InvalidError,
}
_AWAY = "The database is not available now; nothing was stored. Send it again."
_SLOW = "The database took too long; whether it was stored is not known. Send it again with the same key."

# What FastAPI's handlers turn into an answer; everything else goes up to the edge, which logs it.
FORESEEN = (
    ProblemError,
    HTTPException,
    RequestValidationError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    ConnectionError,
    TimeoutError,
)


def catalogue() -> list[type[ProblemError]]:
    """Every kind of problem, by status."""
    return sorted(_kinds(ProblemError), key=lambda kind: (kind.status, kind.slug))


def _kinds(kind: type[ProblemError]) -> Iterator[type[ProblemError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)


def as_json(problem: ProblemError) -> bytes:
    """The body of a problem answer."""
    body: dict[str, Any] = {
        "type": TYPE + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    parent = telemetry.current_traceparent()
    if parent is not None:
        body["request_id"] = telemetry.trace_id(parent)
    return orjson.dumps(body)


def answer(problem: ProblemError) -> Response:
    """The whole answer."""
    return Response(as_json(problem), problem.status, problem.headers, MEDIA_TYPE)


def problem_of(error: BaseException) -> ProblemError:
    """The problem that tells a caller about this exception. What is not foreseen is a defect of ours: 500."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return InvalidError("Correct the fields named in `errors`.", errors=field_errors(error.errors()))
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, StaleDataError):
        return StaleError("Someone changed it at the same moment. Read it again and repeat the edit.")
    return _of_database(error) or InternalError("It is our mistake; the request_id finds it in our logs.")


def _of_http(error: HTTPException) -> ProblemError:
    kind = _BY_STATUS.get(error.status_code, InternalError if error.status_code >= 500 else UnparseableError)
    detail = "There is no such path." if kind is NotFoundError else str(error.detail)
    if kind is MethodNotAllowedError:
        detail = f"This path takes {(error.headers or {}).get('Allow', 'other methods')}."
    problem = kind(detail)
    problem.headers.update(error.headers or {})
    return problem


def of_no_route(problem: ProblemError, methods: set[str]) -> ProblemError:
    """The problem of a request that nobody took: 405 where other methods are taken, else as it is."""
    if not methods:
        return problem
    allowed = ", ".join(sorted(methods))
    return MethodNotAllowedError(f"This path takes {allowed}.", headers={"Allow": allowed})


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Pydantic's errors as pointers: into the body "/lines/0/amount", for a parameter "?limit"."""
    return [{"pointer": _pointer(error["loc"]), "detail": error["msg"]} for error in errors[:50]]


def _pointer(location: Sequence[str | int]) -> str:
    where, *path = location or ("body",)
    if where == "body":
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    sign = {"query": "?", "path": "{", "header": "header "}.get(str(where), "")
    return f"{sign}{'.'.join(str(part) for part in path)}" + ("}" if where == "path" else "")


def _of_database(error: BaseException) -> ProblemError | None:
    if isinstance(error, PoolTimeoutError):
        telemetry.http_refused.labels("pool").inc()
        return UnavailableError("Every database connection is busy. Send it again.")
    cause: BaseException | None = error
    if isinstance(error, DBAPIError):
        # SQLAlchemy wraps asyncpg's error twice; the innermost one carries the SQLSTATE.
        cause = getattr(error.orig, "__cause__", None) or error.orig
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _of_sqlstate(state)
    if isinstance(cause, (asyncpg.InterfaceError, ConnectionError)) or isinstance(error, InterfaceError):
        return UnavailableError(_AWAY)
    if isinstance(cause, (TimeoutError, asyncio.TimeoutError)):
        return UnavailableError(_SLOW)
    # A failed connect is a plain OSError of asyncio; a missing file, say, is a subclass and our defect.
    if type(cause) is OSError or isinstance(cause, gaierror) or isinstance(error, OperationalError):
        return UnavailableError(_AWAY)
    return None


def _of_sqlstate(state: str) -> ProblemError | None:
    if state == "23505":
        return ConflictError("There is one with the same unique values already.")
    if state == "23503":
        return ConflictError("It refers to something that does not exist, or something else refers to it.")
    if state in ("40001", "40P01", "55P03"):
        return BusyError("Someone else is changing the same thing. Send it again.")
    if state == "57014":
        return UnavailableError(_SLOW)
    if state[:2] == "22":
        return InvalidError("A value does not fit: too long, out of range, or not storable as text.")
    if state[:2] in ("08", "53", "57", "58") or state in ("25006", "28P01", "3D000"):
        return UnavailableError(_AWAY)
    return None
