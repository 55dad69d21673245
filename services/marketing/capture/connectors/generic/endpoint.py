"""The door for any webhook that is signed by HMAC-SHA256: prove who sends, keep the bytes, answer."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import timedelta

from services.marketing.capture.connectors.endpoints import (
    UNOPENED,
    Door,
    connection_behind,
    connection_of,
    forged,
    front_door,
    secrets_of,
    store,
)
from services.marketing.capture.connectors.field_mapping import identifier
from services.marketing.capture.connectors.generic import adapter, openapi, presets
from services.marketing.capture.connectors.generic.paths import find
from services.marketing.capture.connectors.generic.rules import GenericSettings, Signature, parse_settings
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings, SettingError
from shared import clock
from shared.auth.access import public
from shared.errors import UnauthenticatedError, UnavailableError, UnsupportedMediaError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.raw_routes import Answer, Call, RawRoute

NAME = "generic"
SECRET = "signing_secret"
TOLERANCE = timedelta(seconds=300)
MOST_SIGNATURES = 5
_DIGITS = re.compile(r"[0-9]{1,16}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")  # with a dot in it, the end of the id could be moved
_STALE = "The signature is not of the last five minutes; look at the sender's clock."


async def take(call: Call) -> Answer:
    """One webhook, kept as it came."""
    connection = await connection_of(call, NAME)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    try:
        settings = parse_settings(connection.settings)
    except SettingError as error:
        raise UnavailableError("The connection's settings can't be read; set them again.") from error
    parts = _elements(call, settings.signature)
    timestamp = _timestamp(call, settings.signature, parts)
    if not _is_signed(call, connection, settings.signature, body):
        raise forged(call, connection, "signature")
    if timestamp is not None and not _is_fresh(timestamp, settings.signature):
        front_door(call).refuse(NAME, "timestamp")
        raise UnauthenticatedError(_STALE)
    await store(call, connection, body, _repeat_key(body, settings))
    return Answer(200, b"{}")


def _repeat_key(body: bytes, settings: GenericSettings) -> str:
    """By what a repeat is known: the lead's id. Other news of it is no other word of that lead."""
    values = parse_object(body, fields=adapter.FIELDS)
    external = identifier(find(values, settings.external_id))
    if external and adapter.is_wanted(values, settings):
        return f"x:{external}"
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _header(call: Call, name: str | None) -> str:
    return (call.header(name.lower().encode()) or "") if name else ""


def _elements(call: Call, signature: Signature) -> Mapping[str, str]:
    """`t=1700000000,v1=0a1b…` by name."""
    parts = (part.partition("=") for part in _header(call, signature.header).split(","))
    return {name.strip(): value for name, _, value in parts}


def _timestamp(call: Call, signature: Signature, parts: Mapping[str, str]) -> str | None:
    if signature.timestamp_element is not None:
        return parts.get(signature.timestamp_element, "")
    return _header(call, signature.timestamp_header) if signature.timestamp_header else None


def _is_fresh(timestamp: str, signature: Signature) -> bool:
    sent = int(timestamp) / (1000 if signature.timestamp_unit == "ms" else 1)
    return abs(clock.now().timestamp() - sent) <= TOLERANCE.total_seconds()


def _is_signed(call: Call, connection: ConnectionSettings, signature: Signature, body: bytes) -> bool:
    """Whether it is signed with any of the live secrets, compared in constant time."""
    parts = _elements(call, signature)
    before = _signed_before(call, signature, _timestamp(call, signature, parts))
    if before is None:
        return False
    given = _sent(call, signature, parts)
    found = False
    for secret in _secrets(call, connection, signature):
        number = hmac.new(secret, before + body, hashlib.sha256).digest()
        for one in given:
            found |= hmac.compare_digest(_written(number, signature), _as_sent(one, signature))
    return found


def _sent(call: Call, signature: Signature, parts: Mapping[str, str]) -> list[str]:
    """The signatures in the request. Standard Webhooks sends several of them while secrets are rotated."""
    if signature.element is not None:
        several = [parts.get(signature.element, "")]
    elif signature.prefix:
        several = _header(call, signature.header).split(" ")[:MOST_SIGNATURES]
    else:
        several = [_header(call, signature.header)]
    return [one.removeprefix(signature.prefix) for one in several if one.startswith(signature.prefix)]


def _signed_before(call: Call, signature: Signature, timestamp: str | None) -> bytes | None:
    """What is signed before the body; None when a part of it is missing or no such thing."""
    before = signature.signed.removesuffix("{body}")
    if timestamp is not None:
        if not _DIGITS.fullmatch(timestamp):
            return None
        before = before.replace("{timestamp}", timestamp)
    if signature.id_header is not None:
        sent = _header(call, signature.id_header)
        if not _ID.fullmatch(sent):
            return None
        before = before.replace("{id}", sent)
    return before.encode()


def _written(number: bytes, signature: Signature) -> bytes:
    return base64.b64encode(number) if signature.encoding == "base64" else number.hex().encode()


def _as_sent(text: str, signature: Signature) -> bytes:
    return (text if signature.encoding == "base64" else text.lower()).encode("utf-8", "surrogatepass")


def _secrets(call: Call, connection: ConnectionSettings, signature: Signature) -> list[bytes]:
    opened = secrets_of(call, connection, SECRET)
    try:
        if signature.secret_encoding == "text":
            return [secret.encode() for secret in opened]
        return [base64.b64decode(secret.removeprefix("whsec_"), validate=True) for secret in opened]
    except (binascii.Error, ValueError) as error:
        raise UnavailableError(UNOPENED) from error


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/webhooks/generic/{connection_key}",
            ("POST",),
            take,
            access=public("Any tool posts here; it proves itself by a signature over the body."),
            limit=WEBHOOK_LIMIT,
            operations=openapi.GENERIC,
        ),
    ),
    read=lambda raw, source: adapter.read(raw.body, connection_behind(source)),
    connections=ConnectionKind(
        NAME,
        secrets=(SECRET,),
        check_settings=parse_settings,
        expand=presets.expand,
        presets=presets.PRESETS,
    ),
)
