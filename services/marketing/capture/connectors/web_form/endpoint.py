"""The doors for people's forms and other systems: check who sends and that it parses, keep it, answer."""

import re
from typing import Any
from uuid import UUID, uuid5

from services.marketing.capture.access import INTAKE
from services.marketing.capture.connectors import openapi as shown
from services.marketing.capture.connectors.field_mapping import identifier
from services.marketing.capture.connectors.server_api import adapter as api_adapter
from services.marketing.capture.deliveries import rules
from services.marketing.capture.deliveries.bodies import media_type, parse_form, parse_object
from services.marketing.capture.deliveries.group_commit import FrontDoor
from services.marketing.capture.deliveries.writes import NewDelivery
from services.marketing.capture.sources.cache import KnownSources
from services.marketing.capture.sources.rules import FormSettings, may_post
from shared import clock
from shared.auth.access import public
from shared.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnparseableError,
    UnsupportedMediaError,
)
from shared.http.limits import BODY_LIMIT, KIB
from shared.http.raw_routes import JSON, Answer, Call, RawHeaders, RawRoute, answer_json
from shared.observability import telemetry

BATCH_LIMIT = 1024 * KIB
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,200})"?')
_CALLERS = UUID("6c1d8f0e-5d0b-5f6e-9a53-6a2f8d1d2c11")  # a namespace of our own, for callers of the API
PREFLIGHT: RawHeaders = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, idempotency-key, traceparent"),
    (b"access-control-max-age", b"600"),
]


def idempotency_key(call: Call) -> str | None:
    """The Idempotency-Key header, with or without the quotes of the standard."""
    given = call.header(b"idempotency-key")
    if given is None:
        return None
    match = _KEY.fullmatch(given.strip())
    if match is None:
        raise UnparseableError("Idempotency-Key is 1 to 200 visible ASCII characters.")
    return f"k:{match[1]}"


def front_door(call: Call) -> FrontDoor:
    found: FrontDoor = call.state.front_door
    return found


def known_sources(call: Call) -> KnownSources:
    found: KnownSources = call.state.known_sources
    return found


def short(text: str | None) -> str | None:
    return text[:300] if text else None


async def form_of(call: Call) -> FormSettings:
    """The form the path names, if this page may use it."""
    form = await known_sources(call).form(call.params["form_key"])
    if form is None:
        raise NotFoundError("There is no form with this key. Look at the form's settings for the right one.")
    origin = call.header(b"origin")
    if not may_post(form, origin):
        front_door(call).refuse("web_form", "origin")
        raise ForbiddenError("Pages of this origin may not use the form; add it to the form's origins.")
    if origin is not None:
        call.extra_headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"vary", b"origin"),
        ]
    return form


async def take_form(call: Call) -> Answer:
    """One submission of a web form. 202, or 303 back to the site when a plain HTML form asks for a page."""
    form = await form_of(call)
    if call.method == "OPTIONS":
        return Answer(204, headers=PREFLIGHT)
    content_type = call.header(b"content-type")
    key = idempotency_key(call)
    body = await call.body()
    parse_form(body, content_type)
    first = await front_door(call).store(
        NewDelivery(
            clock.new_id(),
            "web_form",
            form.id,
            body,
            dedupe_key=key,
            content_type=short(content_type),
            sender=short(call.header(b"origin")),
            user_agent=short(call.header(b"user-agent")),
            traceparent=telemetry.current_traceparent(),
        )
    )
    if form.redirect_url and "text/html" in (call.header(b"accept") or ""):
        return Answer(303, headers=[(b"location", form.redirect_url.encode())])
    return accepted(first)


def accepted(first: UUID) -> Answer:
    return Answer(202, b'{"submission_id":"%s","status":"pending"}' % str(first).encode(), (JSON,))


async def take_lead(call: Call) -> Answer:
    """One lead from another system."""
    values, body = await _json_of(call)
    first = await _store_api(call, body, _external_key(values) or idempotency_key(call))
    return accepted(first)


async def take_leads(call: Call) -> Answer:
    """Up to 500 leads from another system, kept as one delivery: all of them or none."""
    values, body = await _json_of(call)
    leads = values.get("leads")
    if not isinstance(leads, list) or not 1 <= len(leads) <= api_adapter.MOST_LEADS:
        detail = f"Send 1 to {api_adapter.MOST_LEADS} leads."
        raise InvalidError(detail, errors=[{"pointer": "/leads", "detail": detail}])
    wrong = [number for number, lead in enumerate(leads) if not isinstance(lead, dict)]
    if wrong:
        raise InvalidError(
            "Every lead is an object.",
            errors=[{"pointer": f"/leads/{number}", "detail": "Not an object."} for number in wrong[:20]],
        )
    first = await _store_api(call, body, idempotency_key(call))
    submissions = [
        {"submission_id": str(rules.submission_id(first, number)), "external_id": lead.get("external_id")}
        for number, lead in enumerate(leads)
    ]
    return answer_json(202, {"delivery_id": str(first), "status": "pending", "submissions": submissions})


async def _json_of(call: Call) -> tuple[dict[str, Any], bytes]:
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    return parse_object(body, fields=api_adapter.FIELDS), body


def _external_key(values: dict[str, Any]) -> str | None:
    """A lead's own id at its sender tells a repeat whatever the header says."""
    external = identifier(values.get("external_id"))
    return f"x:{external}" if external else None


async def _store_api(call: Call, body: bytes, key: str | None) -> UUID:
    caller = call.caller
    assert caller is not None
    return await front_door(call).store(
        NewDelivery(
            clock.new_id(),
            "api",
            uuid5(_CALLERS, f"{caller.kind}:{caller.subject}"),
            body,
            dedupe_key=key,
            content_type="application/json",
            sender=short(f"{caller.kind}:{caller.subject}"),
            user_agent=short(call.header(b"user-agent")),
            traceparent=telemetry.current_traceparent(),
        )
    )


DOORS = (
    RawRoute(
        "/v1/forms/{form_key}/submissions",
        ("POST", "OPTIONS"),
        take_form,
        access=public("Web pages post here; the form's key is in the path and can only write."),
        limit=BODY_LIMIT,
        operations=shown.FORM,
    ),
    RawRoute(
        "/v1/leads", ("POST",), take_lead, access=INTAKE.change, limit=BODY_LIMIT, operations=shown.LEAD
    ),
    RawRoute(
        "/v1/leads/batch",
        ("POST",),
        take_leads,
        access=INTAKE.change,
        limit=BATCH_LIMIT,
        operations=shown.LEADS,
    ),
)
