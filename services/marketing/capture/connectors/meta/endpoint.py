"""The doors for ad platforms: prove who sends, keep the bytes as they came, answer as expected."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from services.marketing.capture.connectors import openapi as shown
from services.marketing.capture.connectors.field_mapping import identifier
from services.marketing.capture.connectors.google_ads import adapter
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.web_form.endpoint import front_door, known_sources, short
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.deliveries.writes import NewDelivery
from services.marketing.capture.sources.encryption import Sealer, SealError, matches
from services.marketing.capture.sources.rules import ConnectionSettings
from shared import clock
from shared.auth.access import public
from shared.errors import (
    ForbiddenError,
    NotFoundError,
    ProblemError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedMediaError,
)
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.problems import FORESEEN, TYPE, problem_of
from shared.http.raw_routes import Answer, Call, RawRoute, answer_json
from shared.observability import telemetry

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")
_FORGED = "The signature or key does not fit this connection; look at its secrets."


async def connection_of(call: Call, kind: str) -> ConnectionSettings:
    found = await known_sources(call).connection(kind, call.params["connection_key"])
    if found is None:
        raise NotFoundError("There is no connection with this key.")
    return found


async def take_google_ads(call: Call) -> Answer:
    """A lead form webhook of Google Ads. Its errors carry `message`, which Google shows to the advertiser."""
    try:
        return await _take_google_ads(call)
    except FORESEEN as error:
        problem = problem_of(error)
        if problem.status == 500:
            raise
        return answer_google(problem)


def answer_google(problem: ProblemError) -> Answer:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
    body = {
        "message": problem.detail,
        "type": TYPE + problem.slug,
        "title": problem.title,
        "status": problem.status,
    }
    return answer_json(problem.status, body, headers)


async def _take_google_ads(call: Call) -> Answer:
    connection = await connection_of(call, "google_ads")
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    values = parse_object(body, fields=adapter.FIELDS)
    if not _knows_key(connection, values):
        front_door(call).refuse("google_ads", "key")
        raise UnauthenticatedError(_FORGED)
    lead_id = identifier(values.get("lead_id"))
    await _store(call, connection, body, f"l:{lead_id}" if lead_id else None)
    return Answer(200, b"{}")


def _knows_key(connection: ConnectionSettings, values: Mapping[str, Any]) -> bool:
    """Google signs nothing: whoever knows one of the live keys is Google."""
    given = values.get("google_key")
    return isinstance(given, str) and matches(given, connection.digests.get("google_key", ()))


async def take_meta(call: Call) -> Answer:
    """Meta's webhook: GET proves the address is ours, POST announces leads."""
    connection = await connection_of(call, "meta")
    if call.method == "GET":
        return _answer_challenge(call, connection)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    if not _is_signed(call, connection, body):
        front_door(call).refuse("meta", "signature")
        raise UnauthenticatedError(_FORGED)
    parse_object(body, fields=meta.FIELDS)
    await _store(call, connection, body, "sha256:" + hashlib.sha256(body).hexdigest())
    return Answer(200, b"{}")


def _answer_challenge(call: Call, connection: ConnectionSettings) -> Answer:
    query = parse_qs(call.query.decode("latin-1"), max_num_fields=20)
    mode, token, challenge = (
        query.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge")
    )
    if mode != "subscribe" or not matches(token, connection.digests.get("verify_token", ())):
        front_door(call).refuse("meta", "verify_token")
        raise ForbiddenError("The verify token does not fit this connection.")
    # Nothing but a plain token is echoed, so that no page can be built here.
    if _CHALLENGE.fullmatch(challenge) is None:
        raise ForbiddenError("The challenge is not one this path echoes.")
    return Answer(200, challenge.encode(), ((b"content-type", b"text/plain; charset=utf-8"),))


def _is_signed(call: Call, connection: ConnectionSettings, body: bytes) -> bool:
    """X-Hub-Signature-256 over the raw body, with any of the live app secrets, in constant time."""
    match = _SIGNATURE.fullmatch(call.header(b"x-hub-signature-256") or "")
    if match is None:
        return False
    sealer: Sealer = call.state.sealer
    found = False
    for sealed in connection.sealed.get("app_secret", ()):
        try:
            secret = sealer.open(sealed, connection.id)
        except SealError as error:
            raise UnavailableError("The connection's secret can't be read; set it again.") from error
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        found |= hmac.compare_digest(expected, match[1].lower())
    return found


async def _store(call: Call, connection: ConnectionSettings, body: bytes, key: str | None) -> None:
    await front_door(call).store(
        NewDelivery(
            clock.new_id(),
            connection.kind,
            connection.id,
            body,
            dedupe_key=key,
            content_type="application/json",
            user_agent=short(call.header(b"user-agent")),
            traceparent=telemetry.current_traceparent(),
        )
    )


DOORS = (
    RawRoute(
        "/v1/webhooks/google-ads/{connection_key}",
        ("POST",),
        take_google_ads,
        access=public("Google Ads posts here; it proves itself by the google_key in the body."),
        limit=WEBHOOK_LIMIT,
        operations=shown.GOOGLE_ADS,
    ),
    RawRoute(
        "/v1/webhooks/meta/{connection_key}",
        ("GET", "POST"),
        take_meta,
        access=public("Meta posts here; it proves itself by a signature over the body."),
        limit=WEBHOOK_LIMIT,
        operations=shown.META,
    ),
)
