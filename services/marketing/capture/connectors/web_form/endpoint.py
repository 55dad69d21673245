"""The door for people's forms: keep whatever comes with a form's key, answer the one who sent it.

Nothing is understood here but the framing of multipart bodies: what a person sent is stored first. Only what
no form can have made is turned away: too large, framed wrongly, for a form that there is not.
"""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import orjson

from services.marketing.capture.connectors.endpoints import (
    Door,
    accepted,
    check_guesses,
    form_behind,
    front_door,
    idempotency_key,
    known_sources,
    network,
    quotas,
    refuse,
    short,
)
from services.marketing.capture.connectors.web_form import adapter, openapi, pages, rules
from services.marketing.capture.deliveries.bodies import check_framing, is_multipart
from services.marketing.capture.deliveries.tables import BURST, FLOOD
from services.marketing.capture.deliveries.writes import NewDelivery
from services.marketing.capture.sources.rules import FormSettings, may_post
from shared import clock
from shared.auth.access import public
from shared.errors import InvalidError, NotFoundError
from shared.http import problems
from shared.http.limits import BODY_LIMIT, KIB
from shared.http.raw_routes import Answer, Call, RawRoute
from shared.observability import telemetry
from shared.rate_limits import Taken

NAME = "web_form"
LARGE = 16 * KIB  # a larger multipart body is looked through in a thread, so that nobody waits for it
NO_CONTACT = (
    "Neither an e-mail address nor a phone number was found in what was sent. "
    "It is kept; ask for one of them, and send it again."
)
CREDENTIALS = (b"access-control-allow-credentials", b"true")


async def take_form(call: Call) -> Answer:
    """One submission of a web form. 202 for scripts; a person is shown a page of ours or of the site's."""
    call.extra_headers += rules.cors(call.header(b"origin"))
    form: FormSettings | None = None
    try:
        form = await form_of(call)
        if call.method == "OPTIONS":
            return Answer(204, headers=rules.preflight(call.header(b"access-control-request-headers")))
        return await _take(call, form)
    except problems.FORESEEN as error:
        problem = problems.problem_of(error)
        if problem.status == 500 or not rules.wants_page(call.header):
            raise
        return _problem_page(call, form, pages.code_of(problem), problem.status, problem.headers)


async def form_of(call: Call) -> FormSettings:
    """The form the path names. A page it does not list may post to it, too: that is looked at later."""
    key = call.params["form_key"]
    await check_guesses(call, NAME, key)
    form = await known_sources(call).form(key)
    if form is None:
        quotas(call).guesses.take(network(call))
        raise NotFoundError("There is no form with this key. Look at the form's settings for the right one.")
    origin = call.header(b"origin")
    # Browsers send beacons of JSON with credentials, of which none means anything here.
    if origin not in (None, "null") and may_post(form, origin):
        call.extra_headers.append(CREDENTIALS)
    return form


async def _take(call: Call, form: FormSettings) -> Answer:
    taken = refuse(call, NAME, "rate", lambda: quotas(call).take_post(network(call)))
    is_full = front_door(call).is_full()
    refuse(call, NAME, "full", lambda: quotas(call).check_room(is_full=is_full))
    content_type = call.header(b"content-type")
    key = idempotency_key(call)
    body = await call.body()
    if is_multipart(content_type):
        if len(body) > LARGE:
            await asyncio.to_thread(check_framing, body, content_type)
        else:
            check_framing(body, content_type)
    if key is None and (nonce := rules.nonce(body)) is not None:
        key = f"k:{nonce}"
    is_test = rules.is_test(call.header(rules.TEST_HEADER))
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
            state="notice" if is_test else "pending",
            reason="test" if is_test else None,
            mark=None if is_test else _mark(call, form, taken),
        )
    )
    if not rules.may_reach(body):
        return _ask_for_contact(call, form, first)
    if rules.wants_page(call.header):
        return _see_other(form.redirect_url or thanks_path(call, form))
    return accepted(first, b"test" if is_test else b"pending")


def _mark(call: Call, form: FormSettings, taken: Taken) -> str | None:
    """What the worker shall know of the rate at which this form is sent: that it is unusual, and a spam's."""
    if not quotas(call).hours.is_unusual(form):
        return None
    told = rules.is_unsigned(call.header, wanted=bool(form.origins))
    return FLOOD if told or quotas(call).is_program(taken) else BURST


def thanks_path(call: Call, form: FormSettings) -> str:
    tongue = pages.language(form.language, call.header(b"accept-language"))
    return f"/v1/forms/{form.key}/thanks?lang={tongue}"


async def show_thanks(call: Call) -> Answer:
    """The page after a plain HTML form, where a reload sends nothing again."""
    _, _, asked = call.query.decode("latin-1").partition("lang=")
    tongue = pages.language(asked.partition("&")[0], call.header(b"accept-language"))
    return Answer(200, pages.thanks(tongue), pages.HEADERS)


def _ask_for_contact(call: Call, form: FormSettings, first: UUID) -> Answer:
    """Kept, and of no use: who sent it can still do something about it."""
    problem = InvalidError(NO_CONTACT, errors=[{"pointer": "/email", "detail": NO_CONTACT}])
    if rules.wants_page(call.header):
        return _problem_page(call, form, pages.NO_CONTACT, problem.status)
    told = {**orjson.loads(problems.as_json(problem)), "submission_id": str(first)}
    return Answer(problem.status, orjson.dumps(told), ((b"content-type", problems.MEDIA_TYPE.encode()),))


def _problem_page(
    call: Call,
    form: FormSettings | None,
    code: str,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    if form is not None and form.error_url:
        return _see_other(rules.with_error(form.error_url, code))
    tongue = pages.language(form.language if form is not None else None, call.header(b"accept-language"))
    more = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    return Answer(status, pages.problem(tongue, code), (*pages.HEADERS, *more))


def _see_other(address: str) -> Answer:
    return Answer(303, headers=[(b"location", address.encode())])


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
        RawRoute(
            "/v1/forms/{form_key}/thanks",
            ("GET",),
            show_thanks,
            access=public("Who has sent a form reads it; it is the same for everybody."),
            operations=openapi.THANKS,
        ),
    ),
    authenticated=False,
    read=lambda raw, source: adapter.read(raw.body, raw.content_type, form_behind(source), raw.sender),
)
