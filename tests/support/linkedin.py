"""A server that speaks the part of LinkedIn's API that Lead Sync needs, over real HTTP, and what it posts.

    with LinkedIn(token="a-token") as platform:
        platform.lead("8a5a-7", email="eva@muster.example")
        platform.fail("leadFormResponses/8a5a-7", 429, times=2)
        ...  # a client asks platform.url

The shapes are those of learn.microsoft.com/en-us/linkedin/marketing/lead-sync (Lead Sync schema).
"""

import hashlib
import hmac
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

FORM = 818
QUESTIONS: list[dict[str, Any]] = [
    {"questionId": 1, "predefinedField": "FIRST_NAME", "question": {"localized": {"en_US": "First name"}}},
    {"questionId": 2, "predefinedField": "LAST_NAME", "question": {"localized": {"en_US": "Last name"}}},
    {"questionId": 3, "predefinedField": "EMAIL", "question": {"localized": {"en_US": "Email"}}},
    {"questionId": 4, "predefinedField": "PHONE_NUMBER", "question": {"localized": {"en_US": "Phone"}}},
    {"questionId": 5, "predefinedField": "COMPANY_NAME", "question": {"localized": {"en_US": "Company"}}},
    {"questionId": 6, "predefinedField": "JOB_TITLE", "question": {"localized": {"en_US": "Title"}}},
    {"questionId": 7, "question": {"localized": {"de_DE": "Wie groß ist Ihr Team?"}},
     "questionDetails": {"multipleChoiceQuestionDetails": {"options": [
         {"id": 1, "text": {"localized": {"de_DE": "1-10"}}},
         {"id": 2, "text": {"localized": {"de_DE": "11-50"}}},
     ]}}},
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One request the server has got, as far as tests look at it."""

    path: str
    token: str | None
    version: str | None
    protocol: str | None
    status: int


@dataclass
class LinkedIn:
    """The server. Programmable at any time, from any thread; stops at the end of its `with`."""

    token: str | None = None
    version: str | None = None
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    _failures: dict[str, deque[int]] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None

    def __post_init__(self) -> None:
        self.forms[str(FORM)] = {
            "id": FORM,
            "name": "Demo",
            "content": {"questions": QUESTIONS},
            "hiddenFields": [{"name": "utm_campaign", "value": "spring"}],
        }

    @property
    def url(self) -> str:
        """What LINKEDIN_URL has to be."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def lead(self, id_: str, *, email: str = "ada@muster-gmbh.com", **changes: Any) -> None:
        """A person fills in the form."""
        texts = {1: "Ada", 2: "Nowak", 3: email, 4: "+4930901820", 5: "Muster GmbH", 6: "CFO"}
        answers: list[dict[str, Any]] = [
            {"questionId": number, "answerDetails": {"textQuestionAnswer": {"answer": text}}}
            for number, text in texts.items()
        ]
        answers.append({"questionId": 7, "answerDetails": {"multipleChoiceAnswer": {"options": [2]}}})
        self.leads[id_] = {
            "id": id_,
            "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:512345678"},
            "leadType": "SPONSORED",
            "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:354321"}},
            "versionedLeadGenFormUrn": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{FORM},1)",
            "submittedAt": 1764063000000,
            "testLead": False,
            "formResponse": {
                "answers": answers,
                "consentResponses": [
                    {"consentId": 9, "accepted": True},
                    {"consentId": 10, "accepted": False},
                ],
            },
            **changes,
        }

    def fail(self, path: str, status: int, *, times: int = 1) -> None:
        """The next `times` questions about this path are answered with the error."""
        self._failures.setdefault(f"/rest/{path}", deque()).extend([status] * times)

    def answer(self, path: str, token: str | None, version: str | None) -> tuple[int, dict[str, Any]]:
        """The status and body of one request."""
        failures = self._failures.get(path)
        if failures:
            return _error(failures.popleft())
        if self.token is not None and token != self.token:
            return _error(401, "INVALID_ACCESS_TOKEN")
        if self.version is not None and version != self.version:
            return _error(426, "NONEXISTENT_VERSION")
        _, _, kind, id_ = path.split("/", 3) if path.count("/") == 3 else ("", "", "", "")
        known = {"leadFormResponses": self.leads, "leadForms": self.forms}.get(kind, {})
        found = known.get(id_)
        return (200, found) if found is not None else _error(404, "NOT_FOUND")

    def questions(self, path: str) -> int:
        """How often this was asked for."""
        return sum(one.path == f"/rest/{path}" for one in self.asked)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"served": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="linkedin", daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


def notification(lead_id: str, *, action: str = "CREATED", **changes: Any) -> bytes:
    """What LinkedIn posts when somebody has filled in a form."""
    return json.dumps(
        {
            "type": "LEAD_ACTION",
            "leadGenFormResponse": f"urn:li:leadGenFormResponse:{lead_id}",
            "leadGenForm": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{FORM},1)",
            "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:512345678"},
            "leadType": "SPONSORED",
            "leadAction": action,
            "occurredAt": 1764063000000,
            **changes,
        }
    ).encode()


def signed(body: bytes, secret: str) -> str:
    """What X-LI-Signature has to be."""
    return hmac.new(secret.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()


def _error(status: int, code: str = "ERROR") -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "serviceErrorCode": 65600, "code": code, "message": "…"}


class _Handler(BaseHTTPRequestHandler):
    served: LinkedIn
    protocol_version = "HTTP/1.1"
    timeout = 5
    wbufsize = -1
    disable_nagle_algorithm = True

    def _reply(self) -> None:
        scheme, _, bearer = (self.headers.get("authorization") or "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else None
        version = self.headers.get("linkedin-version")
        protocol = self.headers.get("x-restli-protocol-version")
        status, answer = self.served.answer(self.path, token, version)
        self.served.asked.append(Asked(self.path, token, version, protocol, status))
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", f"{self.served.url}/rest/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    do_GET = _reply  # noqa: N815 - the name the standard library looks for

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
