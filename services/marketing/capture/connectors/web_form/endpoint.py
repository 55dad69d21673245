"""The door for people's forms: check that the page may post and that it parses, keep it, answer."""

from services.marketing.capture.connectors.endpoints import (
    Door,
    accepted,
    form_behind,
    front_door,
    idempotency_key,
    known_sources,
    short,
)
from services.marketing.capture.connectors.web_form import adapter, openapi
from services.marketing.capture.deliveries.bodies import parse_form
from services.marketing.capture.deliveries.writes import NewDelivery
from services.marketing.capture.sources.rules import FormSettings, may_post
from shared import clock
from shared.auth.access import public
from shared.errors import ForbiddenError, NotFoundError
from shared.http.limits import BODY_LIMIT
from shared.http.raw_routes import Answer, Call, RawHeaders, RawRoute
from shared.observability import telemetry

NAME = "web_form"
PREFLIGHT: RawHeaders = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, idempotency-key, traceparent"),
    (b"access-control-max-age", b"600"),
]


async def form_of(call: Call) -> FormSettings:
    """The form the path names, if this page may use it."""
    form = await known_sources(call).form(call.params["form_key"])
    if form is None:
        raise NotFoundError("There is no form with this key. Look at the form's settings for the right one.")
    origin = call.header(b"origin")
    if not may_post(form, origin):
        front_door(call).refuse(NAME, "origin")
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
            NAME,
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


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/forms/{form_key}/submissions",
            ("POST", "OPTIONS"),
            take_form,
            access=public("Web pages post here; the form's key is in the path and can only write."),
            limit=BODY_LIMIT,
            operations=openapi.FORM,
        ),
    ),
    authenticated=False,
    read=lambda raw, source: adapter.read(raw.body, raw.content_type, form_behind(source)),
)
