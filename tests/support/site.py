"""A customer's web site over real HTTP: pages by path, and a door of its own that answers as told."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Posted:
    """A post that the site's own door has got."""

    fields: Mapping[str, list[str]]
    headers: Mapping[str, str]


@dataclass
class Site:
    """`http://localhost:<port>`: another site than 127.0.0.1, where the API is. Ends with its `with`."""

    pages: dict[str, str] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    # What the next posts are answered: status and JSON.
    answers: deque[tuple[int, Any]] = field(default_factory=deque)
    _server: ThreadingHTTPServer | None = None

    @property
    def origin(self) -> str:
        assert self._server is not None
        return f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = site.pages.get(urlsplit(self.path).path)
                self._answer(404 if page is None else 200, "text/html; charset=utf-8", page or "")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.posted.append(Posted(parse_qs(body), headers))
                status, said = site.answers.popleft() if site.answers else (202, {"status": "pending"})
                self._answer(status, "application/json", json.dumps(said))

            def _answer(self, status: int, kind: str, text: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
