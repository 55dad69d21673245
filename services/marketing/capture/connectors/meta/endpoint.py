"""The door for lead ads of Meta: prove who sends, keep the bytes as they came, answer as expected."""

import hashlib
import hmac
import re
from urllib.parse import parse_qs

from services.marketing.capture.connectors.endpoints import (
    Door,
    Source,
    connection_behind,
    connection_of,
    forged,
    front_door,
    knows_secret,
    secrets_of,
    store,
)
from services.marketing.capture.connectors.meta import adapter, openapi
from services.marketing.capture.connectors.meta.client import open_client
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings
from shared.auth.access import public
from shared.errors import ForbiddenError, UnsupportedMediaError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.raw_routes import Answer, Call, RawRoute

NAME = "meta"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


async def take_meta(call: Call) -> Answer:
    """Meta's webhook: GET proves the address is ours, POST announces leads."""
    connection = await connection_of(call, NAME)
    if call.method == "GET":
        return _answer_challenge(call, connection)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    if not _is_signed(call, connection, body):
        raise forged(call, connection, "signature")
    parse_object(body, fields=adapter.FIELDS)
    await store(call, connection, body, "sha256:" + hashlib.sha256(body).hexdigest())
    return Answer(200, b"{}")


def _answer_challenge(call: Call, connection: ConnectionSettings) -> Answer:
    query = parse_qs(call.query.decode("latin-1"), max_num_fields=20)
    mode, token, challenge = (
        query.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge")
    )
    if mode != "subscribe" or not knows_secret(call, connection, "verify_token", token):
        front_door(call).refuse(NAME, "verify_token")
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
    found = False
    for secret in secrets_of(call, connection, "app_secret"):
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        found |= hmac.compare_digest(expected, match[1].lower())
    return found


def read(raw: Raw, source: Source) -> list[CapturedLead]:
    connection_behind(source)
    return adapter.read(raw.body)


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/webhooks/meta/{connection_key}",
            ("GET", "POST"),
            take_meta,
            access=public("Meta posts here; it proves itself by a signature over the body."),
            limit=WEBHOOK_LIMIT,
            operations=openapi.META,
        ),
    ),
    read=read,
    channel="paid_social",
    connections=ConnectionKind(
        NAME,
        secrets=("app_secret", "verify_token", "access_token"),
        ours=frozenset({"verify_token"}),
    ),
    read_details=adapter.read_details,
    open_client=open_client,
)
