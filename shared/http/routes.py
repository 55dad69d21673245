"""The route every slice uses: check the caller, read the body, one transaction, commit, answer."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute

from shared.auth.access import Access, Caller
from shared.auth.authentication import Authenticator
from shared.auth.quotas import KeyQuota
from shared.database.admission import Admission
from shared.database.edge_tables import KEPT_DAYS
from shared.database.sessions import Sessions
from shared.errors import UnsupportedMediaError
from shared.http import idempotency, limits, query_names, transactions
from shared.http.audit import trail
from shared.http.transactions import AskFirst, RequestTransaction

BYTES_PER_FIELD = 32
READING = frozenset({"GET", "HEAD", "OPTIONS"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Work = Callable[[Request, RequestTransaction], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Edge:
    """What routes and doors need of the service they belong to; kept as `app.state.edge`."""

    service: str
    sessions: Sessions
    authenticator: Authenticator
    admission: Admission
    keys: KeyQuota
    answers_days: int = KEPT_DAYS  # in which a repeat gets the stored answer; 0: for ever


class BoundedRequest(Request):
    """A request whose body was read under the limit and, where a route takes JSON, parsed strictly, once."""

    taken = b""
    parsed: Any = None

    async def take_body(self, limit: int) -> bytes:
        announced = self.headers.get("content-length", "")
        self._body = self.taken = await limits.read_body(
            self.receive, limit, announced=int(announced) if announced.isdecimal() else None
        )
        return self.taken

    async def json(self) -> Any:
        return self.parsed


class Route(APIRoute):
    """A route of FastAPI that commits before it answers, and refuses query parameters it does not know.

    Give `max_body_size` where 64 KiB with 200 fields and elements are not right: such a body may have
    one for every 32 bytes of its size, which is what lists need.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, max_body_size: int | None = None, **more: Any
    ):
        self.body_limit = max_body_size or limits.BODY_LIMIT
        self.most_fields = max_body_size // BYTES_PER_FIELD if max_body_size else limits.MOST_FIELDS
        super().__init__(path, endpoint, **more)

    @property
    def accesses(self) -> list[Access]:
        """The markers of this route, its own and its router's. All of them have to let a caller in."""
        return list(_markers(self.dependant))

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        accesses = [access for access in self.accesses if access.why_open is None]
        names = query_names.known(self.dependant)
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def handle(request: Request) -> Response:
            edge: Edge = request.app.state.edge
            caller = await admit(edge, accesses, request) if accesses else None
            query_names.check(request, names)
            bounded = BoundedRequest(request.scope, request.receive)
            if request.method not in READING:
                body = await bounded.take_body(self.body_limit)
                if takes_json and body:
                    bounded.parsed = _strict_json(bounded, body, self.most_fields)
            writer = caller if caller and trail.is_write(caller, accesses) else None
            work = partial(_audited, handler, writer, self.path)
            with edge.admission.slot():
                try:
                    response = await _in_transaction(edge, bounded, caller, work)
                except AskFirst as wanted:
                    await transactions.answer(bounded, wanted)
                    response = await _in_transaction(edge, bounded, caller, work)
            response.headers.update(request.scope.get("leadloop.quota", {}))
            return response

        return handle


async def admit(edge: Edge, accesses: list[Access], request: Request) -> Caller:
    """The caller, when every marker lets them in, and their API key as often as this."""
    caller = await edge.authenticator.caller(request.headers)
    request.scope["leadloop.caller"] = caller  # who is refused below is in the log, too
    request.scope["leadloop.quota"] = edge.keys.spend(caller)
    for access in accesses:
        access.check(caller)
    return caller


async def _audited(
    handler: Handler, writer: Caller | None, path: str, request: Request, transaction: RequestTransaction
) -> Response:
    """What the route does and, if it wrote something, the row that says who did it. Not for a repeat."""
    if writer is None or request.method in READING:
        return await handler(request)
    trail.watch(transaction.session)
    response = await handler(request)
    if response.status_code < 400:
        await trail.record(transaction.session, request, writer, path, response)
    return response


async def _in_transaction(edge: Edge, request: BoundedRequest, caller: Caller | None, do: Work) -> Response:
    transaction = RequestTransaction(edge.sessions, reading=request.method in READING)
    transactions.begin(request, transaction)
    try:
        claim = idempotency.claim_of(request, caller, request.taken)
        work = partial(do, request, transaction)
        if claim is None:
            response = await work()
        else:
            response = await idempotency.once(transaction.session, claim, work, days=edge.answers_days)
        if response.status_code < 400:
            await transaction.commit()
    finally:
        await transaction.close()
    if response.status_code < 400 and transaction.complete is not None:
        return await transaction.complete()
    return response


def _strict_json(request: Request, body: bytes, most_fields: int) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaError("This path takes application/json.")
    return limits.parse_json(body, fields=most_fields)


def _markers(dependant: Dependant) -> Iterator[Access]:
    for below in dependant.dependencies:
        if isinstance(below.call, Access):
            yield below.call
        yield from _markers(below)


def router(prefix: str = "", *, tags: list[str] | None = None, **more: Any) -> APIRouter:
    """A slice's router. `prefix` is the whole of it, as callers see it: `/v1/campaigns`."""
    return APIRouter(prefix=prefix, tags=list(tags or ()), route_class=Route, **more)
