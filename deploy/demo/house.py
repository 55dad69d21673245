"""The three services as their callers see them: HTTP and nothing else."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

from deploy.local.stack.environment import Environment
from deploy.local.stack.layout import Layout
from shared.auth.key_files import people_token

T = TypeVar("T")
TOKEN_SECONDS = 3600
PAUSE = 0.05  # seconds between two questions; doubles up to LONGEST_PAUSE
LONGEST_PAUSE = 0.4


class DemoError(Exception):
    """The story can't go on. The text says at which step, and what the service answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    body: Any
    etag: str | None = None

    @property
    def why(self) -> str:
        """A problem in words."""
        if isinstance(self.body, dict):
            parts = [self.body.get("title"), self.body.get("detail") or self.body.get("message")]
            errors = self.body.get("errors") or []
            parts += [f"{one.get('pointer')}: {one.get('detail')}" for one in errors[:5]]
            return " ".join(str(part) for part in parts if part)
        return str(self.body)[:300]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a credential, or a stranger without one."""

    house: "House"
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, service: str, path: str, **query: Any) -> Any:
        return self.ask("GET", service, path, params=query).body

    def post(self, service: str, path: str, body: Any, **headers: str) -> Any:
        return self.ask("POST", service, path, json=body, headers=headers).body

    def put(self, service: str, path: str, body: Any) -> Any:
        return self.ask("PUT", service, path, json=body).body

    def edit(self, service: str, path: str, body: Any, *, whole: bool = False) -> Any:
        """Change what is there now: if somebody else does so in between, the answer is 412."""
        seen = {"If-Match": self.ask("GET", service, path).etag}
        return self.ask("PUT" if whole else "PATCH", service, path, json=body, headers=seen).body

    def ask(self, method: str, service: str, path: str, **request: Any) -> Answer:
        """An answer that says yes. Raises DemoError for every other."""
        answer = self.try_(method, service, path, **request)
        if answer.status >= 400:
            raise DemoError(f"{method} {path} of {service} answered {answer.status}: {answer.why}")
        return answer

    def try_(self, method: str, service: str, path: str, **request: Any) -> Answer:
        """Whatever is answered. Raises DemoError when nothing is."""
        headers = {**self.headers, **request.pop("headers", {})}
        query = {
            name: value for name, value in (request.pop("params", None) or {}).items() if value is not None
        }
        address = f"{self.house.url(service)}{path}"
        try:
            response = self.house.client.request(method, address, headers=headers, params=query, **request)
        except httpx.HTTPError as error:
            raise DemoError(
                f"{service} does not answer at {address} ({type(error).__name__}). Look at `make status`."
            ) from error
        kind = response.headers.get("content-type", "")
        body = response.json() if "json" in kind and response.content else response.text
        return Answer(response.status_code, body, response.headers.get("etag"))

    def all(self, service: str, path: str, **query: Any) -> Iterator[Any]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(service, path, **{"limit": 200, **query, "cursor": cursor})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


@dataclass
class House:
    """The stack: where its services are, and who may speak to them."""

    layout: Layout
    environment: Environment
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=15, trust_env=False, follow_redirects=False)
    )
    _known: dict[tuple[str, str], Caller] = field(default_factory=dict)

    def url(self, service: str) -> str:
        return self.environment.url(service)

    def person(self, role: str, subject: str = "") -> Caller:
        """A person with this role, signed in."""
        subject = subject or f"demo-{role}"
        if (role, subject) not in self._known:
            token = people_token(self.layout.keys, subject=subject, roles=[role], seconds=TOKEN_SECONDS)
            self._known[role, subject] = Caller(self, {"Authorization": f"Bearer {token}"})
        return self._known[role, subject]

    def server(self, key: str) -> Caller:
        """Another system with an API key."""
        return Caller(self, {"Authorization": f"Bearer {key}"})

    @property
    def stranger(self) -> Caller:
        """The internet."""
        return Caller(self)


def moment(text: str) -> datetime:
    """A time of an answer."""
    return datetime.fromisoformat(text)


def wait_for(what: str, ask: Callable[[], T | None], *, seconds: float = 30) -> T:
    """Ask until there is an answer. Raises DemoError, naming what was waited for, when there is none."""
    deadline = time.monotonic() + seconds
    pause = PAUSE
    while True:
        found = ask()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise DemoError(
                f"Waited {seconds:.0f} s for {what}, in vain. "
                "Look at `make status` (lag, parked events) and `make logs`."
            )
        threading.Event().wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
