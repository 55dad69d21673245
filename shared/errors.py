"""Errors a caller can do something about. Each knows its HTTP status and its place in docs/problems.md."""

from collections.abc import Mapping, Sequence
from math import ceil
from random import randint
from typing import ClassVar, TypedDict


class FieldError(TypedDict):
    """What is wrong with one field; `pointer` is a JSON pointer into the body, "" for the whole of it."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """Becomes an `application/problem+json` answer. `detail` says what to do, and never quotes personal data.

    The docstring of each subclass is its entry in the catalogue of problems.
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong here"
    status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class InternalError(ProblemError):
    """A defect on our side. Nothing was stored. The `x-request-id` of the answer finds it in the logs."""


class UnparseableError(ProblemError):
    """The body, a header or the query could not be read at all. Sending the same again won't help."""

    slug, title, status = "unparseable", "The request can't be read", 400


class UnauthenticatedError(ProblemError):
    """No credentials, or credentials that are not valid (any more). Get new ones and send again."""

    slug, title, status = "unauthenticated", "Who is calling is not known", 401

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class ForbiddenError(ProblemError):
    """The caller is known and may not do this: another role, scope or origin is needed."""

    slug, title, status = "forbidden", "Not allowed", 403


class NotFoundError(ProblemError):
    """There is no such thing, or none that this caller may see."""

    slug, title, status = "not-found", "Not found", 404


class MethodNotAllowedError(ProblemError):
    """The path exists, the method does not; `Allow` lists those that do."""

    slug, title, status = "method-not-allowed", "No such method here", 405


class RequestTimeoutError(ProblemError):
    """The request did not arrive in full within ten seconds, so the connection was closed."""

    slug, title, status = "request-timeout", "The request took too long to arrive", 408


class ConflictError(ProblemError):
    """The thing is in a state that forbids this change; `detail` names its state and the one needed."""

    slug, title, status = "conflict", "Not possible in the current state", 409


class BusyError(ProblemError):
    """Someone else is changing the same thing right now. Send the same again after `Retry-After` seconds."""

    slug, title, status = "busy", "Being changed right now", 409

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class KeyInUseError(BusyError):
    """A request with the same `Idempotency-Key` is still running. Send the same again after `Retry-After`."""

    slug, title, status = "key-in-use", "A request with this key is still running", 409


class StaleError(ProblemError):
    """`If-Match` names an older version. Read the thing again, look at what changed, and repeat the edit."""

    slug, title, status = "stale", "Changed by someone else meanwhile", 412


class TooLargeError(ProblemError):
    """The body is larger than this path takes. It is counted as it arrives, whatever its headers say."""

    slug, title, status = "too-large", "The body is too large", 413


class UnsupportedMediaError(ProblemError):
    """A content type this path does not take, or a compressed body (no path takes one)."""

    slug, title, status = "unsupported-media", "A content type this path does not take", 415


class InvalidError(ProblemError):
    """The request can be read, and some fields are wrong; `errors` says which and why."""

    slug, title, status = "invalid", "Some fields are not valid", 422


class KeyReusedError(ProblemError):
    """This `Idempotency-Key` came with another body before. A new request needs a new key."""

    slug, title, status = "key-reused", "The key belongs to another request", 422


class TooManyRequestsError(ProblemError):
    """More came from one client's network or with one API key than may, or than there is room for.

    Nothing was stored. Send the same again after `Retry-After` seconds.
    """

    slug, title, status = "too-many-requests", "More than may come at once", 429

    def __init__(self, detail: str, *, wait: float, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": str(ceil(wait) or 1), **(headers or {})})


class PreconditionRequiredError(ProblemError):
    """An edit that does not say which version it changes, so it could undo somebody else's.

    Read the thing, and send its `ETag` as `If-Match` (RFC 6585).
    """

    slug, title, status = "precondition-required", "Say which version you change", 428


class HeadersTooLargeError(ProblemError):
    """The request line and headers are larger than 16 KiB together."""

    slug, title, status = "headers-too-large", "The headers are too large", 431


class UnavailableError(ProblemError):
    """We can't do it now (overloaded, or the database is away). Nothing was acknowledged: send again."""

    slug, title, status = "unavailable", "Not available right now", 503

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        # The jitter spreads the callers, who would otherwise all return in the same second.
        wait = randint(2, 10) if retry_after is None else retry_after
        super().__init__(detail, headers={"Retry-After": str(wait)})
