"""Raw routes for the hot paths, in front of FastAPI's stack. See `RawRoute` for when to use one.

One costs a regular expression and two ASGI messages, where a FastAPI route costs some 300 µs.
It gets the same care: marked access, a body limit, problem answers, a trace, metrics, an OpenAPI entry.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from shared.auth.access import Access, Caller
from shared.errors import ProblemError
from shared.http import limits, problems

RawHeaders = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")


@dataclass(slots=True)
class Call:
    """One request at a door. `extra_headers` go out with whatever answer it gets, a problem too (CORS)."""

    scope: Scope
    receive: Receive
    params: Mapping[str, str]
    limit: int
    caller: Caller | None = None
    extra_headers: RawHeaders = field(default_factory=list)

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def query(self) -> bytes:
        return bytes(self.scope["query_string"])

    @property
    def state(self) -> Any:
        """`app.state`, where the service keeps what its doors need."""
        return self.scope["app"].state

    def header(self, name: bytes) -> str | None:
        """The first header of this lower-case name, or None."""
        for key, value in self.scope["headers"]:
            if key == name:
                return bytes(value).decode("latin-1")
        return None

    async def body(self) -> bytes:
        """The whole body. Raises TooLargeError above the door's limit, counted as it arrives."""
        announced = self.header(b"content-length")
        length = int(announced) if announced is not None and announced.isdecimal() else None
        return await limits.read_body(self.receive, self.limit, announced=length)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says."""

    status: int
    body: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = (JSON,)


def answer_json(status: int, value: Any, headers: Sequence[tuple[bytes, bytes]] = ()) -> Answer:
    return Answer(status, orjson.dumps(value), (JSON, *headers))


@dataclass(frozen=True, slots=True)
class RawRoute:
    """A raw route, for paths that must be cheap or need the bytes as they came (webhooks).

    `handler` gets a Call and returns an Answer, or raises a ProblemError. It has no Transaction:
    it opens what it needs, and commits before it returns. With `access=public("why")` nobody is
    asked who they are; with `allow(…)` the caller is checked before the body is read.
    Answers below 400 are counted but not logged line by line.

        create_service("things", settings, routers, doors=[
            RawRoute("/v1/forms/{form_key}/submissions", ("POST", "OPTIONS"), take_form,
                 access=public("web forms post here with a pk_ key"), operations={"post": {…OpenAPI…}}),
        ])
    """

    path: str
    methods: tuple[str, ...]
    handler: Callable[[Call], Awaitable[Answer]]
    access: Access
    limit: int = limits.BODY_LIMIT
    operations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class RawRoutes:
    """All doors of a service, found by path and method before anything else looks at the request.

    A path may have a door for one method and a route for another: what no door takes goes on.
    """

    def __init__(self, doors: Sequence[RawRoute]) -> None:
        self.all = tuple(doors)
        places: dict[str, dict[str, RawRoute]] = {}
        for door in doors:
            places.setdefault(door.path, {}).update(dict.fromkeys(door.methods, door))
        self._plain = {path: place for path, place in places.items() if "{" not in path}
        self._patterns = [(compile_path(path)[0], place) for path, place in places.items() if "{" in path]

    def find(self, method: str, path: str) -> tuple[RawRoute, Mapping[str, str]] | None:
        """The door that takes this request, and its path parameters."""
        plain = self._plain.get(path)
        if plain is not None:
            door = plain.get(method)
            return (door, {}) if door is not None else None
        for pattern, place in self._patterns:
            match = pattern.match(path)
            if match is not None and method in place:
                return place[method], match.groupdict()
        return None

    def methods_at(self, path: str) -> set[str]:
        """What doors take at this path."""
        places = [place for pattern, place in self._patterns if pattern.match(path)]
        return set(self._plain.get(path, ())).union(*places)


async def pass_through(
    door: RawRoute, params: Mapping[str, str], scope: Scope, receive: Receive, send: Send
) -> None:
    """Let one request through a door, and send what comes of it."""
    call = Call(scope, receive, params, door.limit)
    try:
        if door.access.why_open is None:
            edge = scope["app"].state.edge
            call.caller = scope["leadloop.caller"] = await edge.authenticator.caller(Headers(scope=scope))
            for name, value in edge.keys.spend(call.caller).items():
                call.extra_headers.append((name.lower().encode(), value.encode()))
            door.access.check(call.caller)
        answer = await door.handler(call)
    except Exception as error:
        problem = problems.problem_of(error)
        if problem.status == 500:
            raise  # a defect of ours, or a client that left: the edge logs and answers
        answer = as_answer(problem)
    await send_answer(send, answer, call.extra_headers)


def as_answer(problem: ProblemError) -> Answer:
    headers: RawHeaders = [(b"content-type", problems.MEDIA_TYPE.encode())]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
    return Answer(problem.status, problems.as_json(problem), headers)


async def send_answer(send: Send, answer: Answer, extra: Sequence[tuple[bytes, bytes]] = ()) -> None:
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode()), *extra]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
