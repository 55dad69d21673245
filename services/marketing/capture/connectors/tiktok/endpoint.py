"""The door for TikTok's webhooks: prove who sends, keep the bytes as they came, answer at once.

The signature is TikTok's for all its webhooks (developers.tiktok.com/doc/webhooks-verification). That
leads come by them, and how they look, is not verified: see the adapter.
"""

import hashlib
import hmac
import re
from datetime import timedelta

from services.marketing.capture.connectors.endpoints import (
    Door,
    connection_behind,
    connection_of,
    forged,
    front_door,
    secrets_of,
    store,
)
from services.marketing.capture.connectors.tiktok import adapter, openapi
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings
from shared import clock
from shared.auth.access import public
from shared.errors import UnauthenticatedError, UnsupportedMediaError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.raw_routes import Answer, Call, RawRoute

NAME = "tiktok"
SECRET = "client_secret"
TOLERANCE = timedelta(minutes=5)
_SIGNATURE = re.compile(r"t=([0-9]{1,12}), ?s=([0-9a-fA-F]{64})")


async def take_tiktok(call: Call) -> Answer:
    """One webhook, kept as it came."""
    connection = await connection_of(call, NAME)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    sent_at = signed_at(call, connection, body)
    if sent_at is None:
        raise forged(call, connection, "signature")
    if abs(clock.now().timestamp() - sent_at) > TOLERANCE.total_seconds():
        front_door(call).refuse(NAME, "timestamp")
        raise UnauthenticatedError("The signature is not of the last five minutes; look at the clock.")
    parse_object(body, fields=adapter.FIELDS)
    await store(call, connection, body, "sha256:" + hashlib.sha256(body).hexdigest())
    return Answer(200, b"{}")


def signed_at(call: Call, connection: ConnectionSettings, body: bytes) -> int | None:
    """When it was signed, in unix seconds; None unless it was, with any of the live secrets."""
    match = _SIGNATURE.fullmatch(call.header(b"tiktok-signature") or "")
    if match is None:
        return None
    given, found = match[2].lower(), False
    for secret in secrets_of(call, connection, SECRET):
        expected = hmac.new(secret.encode(), match[1].encode() + b"." + body, hashlib.sha256).hexdigest()
        found |= hmac.compare_digest(expected, given)
    return int(match[1]) if found else None


# How its leads look is not verified, so what they say of a person is not vouched for by the platform.
DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/webhooks/tiktok/{connection_key}",
            ("POST",),
            take_tiktok,
            access=public("TikTok posts here; it proves itself by a signature over time and body."),
            limit=WEBHOOK_LIMIT,
            operations=openapi.TIKTOK,
        ),
    ),
    authenticated=False,
    read=lambda raw, source: adapter.read(raw.body, connection_behind(source)),
    channel="paid_social",
    connections=ConnectionKind(NAME, secrets=(SECRET,)),
)
