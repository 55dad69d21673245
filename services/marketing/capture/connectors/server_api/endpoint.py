"""The doors for other systems: one lead, or a batch of them."""

from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from services.marketing.capture.access import INTAKE
from services.marketing.capture.connectors.endpoints import Door, accepted, front_door, idempotency_key, short
from services.marketing.capture.connectors.server_api import adapter, openapi, rules
from services.marketing.capture.deliveries.bodies import media_type, parse_object
from services.marketing.capture.deliveries.rules import submission_id
from services.marketing.capture.deliveries.writes import SHORT_LIVED, NewDelivery
from shared import clock
from shared.errors import FieldError, InvalidError, UnsupportedMediaError
from shared.http.limits import BODY_LIMIT, KIB
from shared.http.raw_routes import Answer, Call, RawRoute, answer_json
from shared.observability import telemetry

NAME = "api"
BATCH_LIMIT = 1024 * KIB
_CALLERS = UUID("6c1d8f0e-5d0b-5f6e-9a53-6a2f8d1d2c11")  # a namespace of our own, for callers of the API


async def take_lead(call: Call) -> Answer:
    """One lead from another system."""
    values, body = await _json_of(call)
    _refuse(rules.faults_of(values))
    first = await _store_api(call, body, _external_key(values) or idempotency_key(call))
    return accepted(first, b"test" if values.get("test") is True else b"pending")


async def take_leads(call: Call) -> Answer:
    """Up to 500 leads from another system, kept as one delivery: all of them or none."""
    values, body = await _json_of(call)
    leads = values.get("leads")
    if not isinstance(leads, list) or not 1 <= len(leads) <= adapter.MOST_LEADS:
        detail = f"Send 1 to {adapter.MOST_LEADS} leads."
        raise InvalidError(detail, errors=[{"pointer": "/leads", "detail": detail}])
    wrong = [number for number, lead in enumerate(leads) if not isinstance(lead, dict)]
    if wrong:
        raise InvalidError(
            "Every lead is an object.",
            errors=[{"pointer": f"/leads/{number}", "detail": "Not an object."} for number in wrong[:20]],
        )
    _refuse(rules.faults_of_batch(values, leads))
    first = await _store_api(call, body, idempotency_key(call, scope="b"))
    submissions = [
        {"submission_id": str(submission_id(first, number)), "external_id": lead.get("external_id")}
        for number, lead in enumerate(leads)
    ]
    status = "test" if values.get("test") is True else "pending"
    return answer_json(202, {"delivery_id": str(first), "status": status, "submissions": submissions})


def _refuse(faults: Iterable[FieldError]) -> None:
    """A program can do something about it, so it is told at once. Raises InvalidError if there is any."""
    found = list(islice(faults, rules.MOST_TOLD))
    if found:
        raise InvalidError("Correct the fields named in `errors`; nothing was stored.", errors=found)


async def _json_of(call: Call) -> tuple[dict[str, Any], bytes]:
    if media_type(call.header(b"content-type")) != "application/json":
        raise UnsupportedMediaError("Send application/json.")
    body = await call.body()
    return parse_object(body, fields=adapter.FIELDS), body


def _external_key(values: dict[str, Any]) -> str | None:
    """A lead's own id at its sender tells a repeat whatever the header says."""
    external = adapter.external_id_of(values)
    return f"x:{external}" if external else None


async def _store_api(call: Call, body: bytes, key: str | None) -> UUID:
    caller = call.caller
    assert caller is not None
    return await front_door(call).store(
        NewDelivery(
            clock.new_id(),
            NAME,
            uuid5(_CALLERS, f"{caller.kind}:{caller.subject}"),
            body,
            dedupe_key=key,
            # A key is for one request; another id of the sender's own is another state of the same lead.
            strict=key is not None and key.startswith(SHORT_LIVED),
            content_type="application/json",
            sender=short(f"{caller.kind}:{caller.subject}"),
            user_agent=short(call.header(b"user-agent")),
            traceparent=telemetry.current_traceparent(),
        )
    )


DOOR = Door(
    name=NAME,
    routes=(
        RawRoute(
            "/v1/leads", ("POST",), take_lead, access=INTAKE.change, limit=BODY_LIMIT, operations=openapi.LEAD
        ),
        RawRoute(
            "/v1/leads/batch",
            ("POST",),
            take_leads,
            access=INTAKE.change,
            limit=BATCH_LIMIT,
            operations=openapi.LEADS,
        ),
    ),
    read=lambda raw, _: adapter.read(raw.body),
    has_sources=False,
    channel="other",  # a server's lead never typed our address
)
