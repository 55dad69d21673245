"""What every HTTP service has in common. A slice needs `router`, `Transaction` and `allow` from here.

app = create_service("things", settings, [things.router])
"""

import time
from typing import Any

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from shared.auth.access import Access, Caller, Role, allow, public
from shared.errors import UnsupportedMediaError
from shared.http import openapi, problems
from shared.http.audit.refusals import Refusals
from shared.http.client_address import client_address
from shared.http.raw_routes import (
    Answer,
    Call,
    RawRoute,
    RawRoutes,
    answer_json,
    as_answer,
    pass_through,
    send_answer,
)
from shared.http.routes import router
from shared.http.transactions import Transaction, afterwards, ask_first, release
from shared.observability import telemetry
from shared.observability.logs import get_logger

__all__ = [
    "Access",
    "Answer",
    "Call",
    "Caller",
    "RawRoute",
    "Role",
    "Service",
    "Transaction",
    "afterwards",
    "allow",
    "answer_json",
    "ask_first",
    "public",
    "release",
    "router",
]

log = get_logger()
_REFUSED = frozenset((401, 403, 429))
_READING = frozenset(("GET", "HEAD", "OPTIONS"))
_SAFE_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Service(FastAPI):
    """FastAPI with an edge in front: trace, doors, problem answers, metrics and one log line per request."""

    doors: RawRoutes = RawRoutes(())
    _described: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """The whole description, doors included; made once."""
        if self._described is None:
            self._described = openapi.complete(super().openapi(), self, self.state.settings.url)
        return self._described

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        arrival = _Arrival(scope, send)
        try:
            await self._answer(arrival, receive)
        except ClientDisconnect:
            arrival.status = arrival.status or 499
        except Exception as error:  # noqa: BLE001 - the last one who can still answer
            await arrival.fail(error)
        finally:
            arrival.note()

    async def _answer(self, arrival: "_Arrival", receive: Receive) -> None:
        scope = arrival.scope
        if arrival.compressed:
            raise UnsupportedMediaError("Send the body without Content-Encoding; none is unpacked here.")
        found = self.doors.find(scope["method"], scope["path"])
        if found is None:
            await super().__call__(scope, receive, arrival.send)
            return
        door, params = found
        arrival.route, arrival.quiet = door.path, True
        await pass_through(door, params, scope, receive, arrival.send)


class _Arrival:
    """One request on its way through: what is learned about it, for its answer, the log and the metrics."""

    __slots__ = ("_send", "began", "compressed", "quiet", "route", "scope", "status", "trace")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.began = time.perf_counter()
        self.status = 0
        self.route = ""
        self.quiet = self.compressed = False
        self._send = send
        parent: str | None = None
        for name, value in scope["headers"]:
            if name == b"traceparent":
                parent = value.decode("latin-1")
            elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
                self.compressed = True
        self.trace = telemetry.follow(parent)
        telemetry.traceparent.set(self.trace)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [
                *message.get("headers", ()),
                (b"x-request-id", telemetry.trace_id(self.trace).encode()),
            ]
            present = {name for name, _ in headers}
            headers += [header for header in _SAFE_HEADERS if header[0] not in present]
            message["headers"] = headers
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer a problem, unless an answer has begun. Only our own mistakes are logged as errors."""
        problem = problems.problem_of(error)
        if problem.status == 500:
            log.error("request_failed", method=self.scope["method"], exc_info=error)
        if not self.status:
            await send_answer(self.send, as_answer(problem))

    def note(self) -> None:
        method, took = self.scope["method"], time.perf_counter() - self.began
        route = self.route or getattr(self.scope.get("route"), "path", "unmatched")
        telemetry.count_request(method, route, self.status, took)
        if self.quiet and self.status < 400:
            return
        log.info(
            "answered",
            method=method,
            route=route,
            status=self.status,
            duration_ms=round(took * 1000, 1),
            **self._who(method),
        )

        if self.status in (401, 403):
            self._tell_of_refusal(method, route)

    def _tell_of_refusal(self, method: str, route: str) -> None:
        refusals: Refusals | None = getattr(self.scope["app"].state, "refusals", None)
        if refusals is not None:
            caller: Caller | None = self.scope.get("leadloop.caller")
            address = client_address(self.scope) or "local"
            refusals.note(self.status, caller, address, method, route, telemetry.trace_id(self.trace))

    def _who(self, method: str) -> dict[str, str]:
        """Who asked, as far as they were known; from where, when they changed something or were refused."""
        caller: Caller | None = self.scope.get("leadloop.caller")
        who = {"subject": caller.subject, "credential": caller.credential} if caller is not None else {}
        if self.status in _REFUSED or (caller is not None and method not in _READING):
            who["address"] = client_address(self.scope) or "local"
        return who
