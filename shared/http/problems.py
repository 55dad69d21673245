"""Every error answer: which problem an exception is, and how a problem is written (RFC 9457)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import orjson
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.database.failures import Failure, failure_of
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
# A defect inside the server is not among them: it is told like one of ours.
_OF_FAILURES: Mapping[Failure, tuple[type[ProblemError], str]] = {
    Failure.FULL: (UnavailableError, "Every database connection is busy. Send it again."),
    Failure.AWAY: (
        UnavailableError,
        "The database is not available now; nothing was stored. Send it again.",
    ),
    Failure.SLOW: (
        UnavailableError,
        "The database took too long; whether it was stored is not known. Send it again with the same key.",
    ),
    Failure.BUSY: (BusyError, "Someone else is changing the same thing. Send it again."),
    Failure.NOT_UNIQUE: (ConflictError, "There is one with the same unique values already."),
    Failure.NO_REFERENCE: (
        ConflictError,
        "It refers to something that does not exist, or something else refers to it.",
    ),
    Failure.MISFIT: (
        InvalidError,
        "A value does not fit: too long, out of range, or not storable as text.",
    ),
}

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
    failure = failure_of(error)
    if failure is Failure.FULL:
        telemetry.http_refused.labels("pool").inc()
    found = _OF_FAILURES.get(failure) if failure is not None else None
    return found and found[0](found[1])
