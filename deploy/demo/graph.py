"""A server that speaks the part of Meta's Graph API that lead ads need, over real HTTP.

A lead's details, a form's leads with cursors, the subscription of a page, and the documented
errors. The demo and the tests program it: which leads there are, which token is good, and what
goes wrong how often.

    with Graph(token="page-token") as graph:
        graph.add(LeadAd(id="444", form_id="7", answers={"email": "eva@muster.example"}))
        graph.fail("444", THROTTLED, times=2)
        ...  # a client asks graph.url
"""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from deploy.demo.graph_answers import BAD_PROOF, BAD_TOKEN, GONE, NO_TOKEN, GraphError, LeadAd

PAGE = 25
DEFAULT_FIELDS = ("id", "created_time", "field_data")  # what Meta answers when not told
EDGE = re.compile(r"/(v\d+\.\d+)/(\d+)(?:/(leads|subscribed_apps))?/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request the server has got, as far as tests look at it."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str | None
    status: int


@dataclass
class Graph:
    """The server. Programmable at any time, from any thread; stops at the end of its `with`."""

    token: str | None = None
    app_secret: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    leads: dict[str, LeadAd] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    subscribed: set[str] = field(default_factory=set)
    delay: float = 0.0  # seconds before each answer
    _failures: dict[str, deque[GraphError]] = field(default_factory=dict)
    _always: GraphError | None = None
    _server: ThreadingHTTPServer | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """What META_GRAPH_URL has to be."""
        return f"http://{self.host}:{self.port}"

    def add(self, *leads: LeadAd) -> None:
        self.leads.update({lead.id: lead for lead in leads})

    def fail(self, lead_id: str, error: GraphError, *, times: int = 1) -> None:
        """The next `times` questions about this lead are answered with the error."""
        self._failures.setdefault(lead_id, deque()).extend([error] * times)

    def fail_always(self, error: GraphError | None) -> None:
        """Every question is answered with the error, until told otherwise with None."""
        self._always = error

    def questions(self, lead_id: str) -> int:
        """How often this object was asked for."""
        return sum(one.path.rsplit("/", 1)[-1] == lead_id for one in self.asked)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], token: str | None
    ) -> tuple[int, dict[str, Any]]:
        """The status and body of one request."""
        edge = EDGE.fullmatch(path)
        error = self._always or self._refusal(query, token)
        if error is None and edge is not None:
            error = self._next_failure(edge[2])
        if error is None and edge is not None:
            found = self._found(method, edge[2], edge[3], query)
            if found is not None:
                return 200, found
        problem = error or GONE
        return problem.status, problem.body()

    def _found(
        self, method: str, id: str, edge: str | None, query: Mapping[str, str]
    ) -> dict[str, Any] | None:
        fields = tuple(filter(None, query.get("fields", "").split(","))) or DEFAULT_FIELDS
        if method == "POST":
            if edge != "subscribed_apps" or "leadgen" not in query.get("subscribed_fields", ""):
                return None
            self.subscribed.add(id)
            return {"success": True}
        if edge == "leads":
            return self._leads_of(id, fields, query)
        lead = self.leads.get(id) if edge is None else None
        return lead.shown(fields) if lead else None

    def _leads_of(self, form_id: str, fields: tuple[str, ...], query: Mapping[str, str]) -> dict[str, Any]:
        """A form's leads, the newest first, a page at a time."""
        since = _created_after(query.get("filtering", "[]"))
        of_form = [
            lead
            for lead in self.leads.values()
            if lead.form_id == form_id and lead.created_at.timestamp() > since
        ]
        of_form.sort(key=lambda lead: (lead.created_at, lead.id), reverse=True)
        start = int(base64.urlsafe_b64decode(query["after"])) if "after" in query else 0
        end = start + min(int(query.get("limit", PAGE)), 100)
        page: dict[str, Any] = {"data": [lead.shown(fields) for lead in of_form[start:end]]}
        after = base64.urlsafe_b64encode(str(end).encode()).decode()
        page["paging"] = {"cursors": {"after": after}}
        if end < len(of_form):
            page["paging"]["next"] = f"{self.url}/{form_id}/leads?{urlencode({**query, 'after': after})}"
        return page

    def _refusal(self, query: Mapping[str, str], token: str | None) -> GraphError | None:
        if self.token is None:
            return None
        if token is None:
            return NO_TOKEN
        if not hmac.compare_digest(token, self.token):
            return BAD_TOKEN
        proof = query.get("appsecret_proof")
        if self.app_secret is None or proof is None:
            return None
        expected = hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(expected, proof) else BAD_PROOF

    def _next_failure(self, id: str) -> GraphError | None:
        waiting = self._failures.get(id)
        return waiting.popleft() if waiting else None

    def pause(self) -> None:
        """Make the client wait, unless the server is stopping."""
        if self.delay:
            self._stopping.wait(self.delay)

    def __enter__(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        handler = type("Handler", (_Handler,), {"served": self})
        self._server = ThreadingHTTPServer((self.host, self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="graph", daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()


def _created_after(filtering: str) -> float:
    """The bound of `[{"field":"time_created","operator":"GREATER_THAN","value":…}]`; 0 without one."""
    bounds = [
        float(one["value"])
        for one in json.loads(filtering)
        if one.get("field") == "time_created" and one.get("operator") == "GREATER_THAN"
    ]
    return max(bounds, default=0.0)


class _Handler(BaseHTTPRequestHandler):
    served: Graph
    protocol_version = "HTTP/1.1"
    timeout = 5
    # Headers and body leave in one packet: two would wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _reply(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        given = parts.query + ("&" + body.decode("latin-1") if body else "")
        query = {name: values[-1] for name, values in parse_qs(given).items()}
        scheme, _, bearer = (self.headers.get("authorization") or "").partition(" ")
        token = query.pop("access_token", None) or (bearer if scheme.lower() == "bearer" else None)
        status, answer = self.served.answer(self.command, parts.path, query, token)
        self.served.asked.append(Asked(self.command, parts.path, query, token, status))
        self.served.pause()
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        if status == 401:
            self.send_header("WWW-Authenticate", f'OAuth "Facebook Platform" "{answer["error"]["message"]}"')
        self.end_headers()
        self.wfile.write(content)

    do_GET = _reply  # noqa: N815 - the names the standard library looks for
    do_POST = _reply  # noqa: N815

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the address of a request has the token in it."""
