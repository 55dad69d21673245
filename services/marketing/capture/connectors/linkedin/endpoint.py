"""The door for LinkedIn's Lead Sync: prove who sends, keep the bytes as they came, answer as expected.

Both proofs use the app's client secret: LinkedIn validates this address by a code that we sign, and
signs what it sends over `hmacsha256=` and the body. Whoever could have any text signed here could
sign leads of his own, so nothing but a version 4 UUID is ever answered.
(learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation)
"""

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
    secrets_of,
    store,
)
from services.marketing.capture.connectors.linkedin import adapter, openapi
from services.marketing.capture.connectors.linkedin.client import open_client
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings
from shared.auth.access import public
from shared.errors import ForbiddenError, UnparseableError, UnsupportedMediaError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.raw_routes import Answer, Call, RawRoute, answer_json

NAME = "linkedin"
SECRET = "client_secret"
SIGNED_BEFORE = b"hmacsha256="
_CODE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}", re.ASCII
)
_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}")


async def take_linkedin(call: Call) -> Answer:
    """LinkedIn's webhook: GET proves that the address is ours, POST announces leads."""
    connection = await connection_of(call, NAME)
    if call.method == "GET":
        return answer_challenge(call, connection)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    if not is_signed(call, connection, body):
        raise forged(call, connection, "signature")
    parse_object(body, fields=adapter.FIELDS)
    await store(call, connection, body, "sha256:" + hashlib.sha256(body).hexdigest())
    return Answer(200, b"{}")


def answer_challenge(call: Call, connection: ConnectionSettings) -> Answer:
    """Sign LinkedIn's code with the newest secret. Raises UnparseableError for anything but one UUIDv4."""
    try:
        query = parse_qs(
            call.query.decode("latin-1"), keep_blank_values=True, max_num_fields=20, errors="strict"
        )
    except ValueError:
        query = {}
    codes = query.get("challengeCode", [])
    if len(codes) != 1 or _CODE.fullmatch(codes[0]) is None:
        front_door(call).refuse(NAME, "challenge")
        raise UnparseableError("challengeCode has to be one version 4 UUID; nothing else is signed here.")
    secrets = secrets_of(call, connection, SECRET)
    if not secrets:
        front_door(call).refuse(NAME, "no_secret")
        raise ForbiddenError("The connection has no client secret yet; add the one of LinkedIn's app.")
    signed = hmac.new(secrets[-1].encode(), codes[0].encode(), hashlib.sha256).hexdigest()
    return answer_json(200, {"challengeCode": codes[0], "challengeResponse": signed})


def is_signed(call: Call, connection: ConnectionSettings, body: bytes) -> bool:
    """X-LI-Signature over the raw body, with any of the live client secrets, in constant time."""
    match = _SIGNATURE.fullmatch(call.header(b"x-li-signature") or "")
    if match is None:
        return False
    given, found = match[0].lower(), False
    for secret in secrets_of(call, connection, SECRET):
        expected = hmac.new(secret.encode(), SIGNED_BEFORE + body, hashlib.sha256).hexdigest()
        found |= hmac.compare_digest(expected, given)
    return found


def read(raw: Raw, source: Source) -> list[CapturedLead]:
    connection_behind(source)
    return adapter.read(raw.body)


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/webhooks/linkedin/{connection_key}",
            ("GET", "POST"),
            take_linkedin,
            access=public("LinkedIn posts here; it proves itself by a signature over the body."),
            limit=WEBHOOK_LIMIT,
            operations=openapi.LINKEDIN,
        ),
    ),
    read=read,
    channel="paid_social",
    connections=ConnectionKind(NAME, secrets=(SECRET, "access_token")),
    read_details=adapter.read_details,
    open_client=open_client,
)
