"""The door for lead forms of Google Ads: prove who sends, keep the bytes as they came, answer as expected."""

from collections.abc import Mapping
from typing import Any

from services.marketing.capture.connectors.endpoints import (
    Door,
    connection_behind,
    connection_of,
    forged,
    knows_secret,
    store,
)
from services.marketing.capture.connectors.field_mapping import identifier
from services.marketing.capture.connectors.google_ads import adapter, openapi
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.sources.rules import ConnectionKind, ConnectionSettings
from shared.auth.access import public
from shared.errors import ProblemError, UnsupportedMediaError
from shared.http.limits import WEBHOOK_LIMIT
from shared.http.problems import FORESEEN, TYPE, problem_of
from shared.http.raw_routes import Answer, Call, RawRoute, answer_json

NAME = "google_ads"


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
    connection = await connection_of(call, NAME)
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    values = parse_object(body, fields=adapter.FIELDS)
    if not _knows_key(call, connection, values):
        raise forged(call, connection, "key")
    await store(call, connection, body, repeat_key(values))
    return Answer(200, b"{}")


def repeat_key(values: Mapping[str, Any]) -> str | None:
    """By what a repeat is known. A test is no other word of the lead that has its id."""
    lead_id = identifier(values.get("lead_id"))
    if lead_id is None:
        return None
    return f"t:{lead_id}" if adapter.is_test(values) else f"l:{lead_id}"


def _knows_key(call: Call, connection: ConnectionSettings, values: Mapping[str, Any]) -> bool:
    """Google signs nothing: whoever knows one of the live keys is Google."""
    given = values.get("google_key")
    return isinstance(given, str) and knows_secret(call, connection, "google_key", given)


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/webhooks/google-ads/{connection_key}",
            ("POST",),
            take_google_ads,
            access=public("Google Ads posts here; it proves itself by the google_key in the body."),
            limit=WEBHOOK_LIMIT,
            operations=openapi.GOOGLE_ADS,
        ),
    ),
    read=lambda raw, source: adapter.read(raw.body, connection_behind(source)),
    channel="paid_search",
    connections=ConnectionKind(NAME, secrets=("google_key",), ours=frozenset({"google_key"})),
)
