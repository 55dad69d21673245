"""Lead form webhooks of Google Ads (developers.google.com/google-ads/webhook/docs/implementation)."""

from dataclasses import replace
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import Defaults, identifier, moment, read_lead
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.sources.rules import ConnectionSettings
from shared.errors import ProblemError
from shared.http.limits import MOST_FIELDS

FIELDS = 5 * MOST_FIELDS  # every answer is an object of three members


def read(body: bytes, connection: ConnectionSettings) -> list[CapturedLead]:
    """The lead in a webhook. Raises NoticeError for test data, UnreadableError when it is no webhook."""
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    if values.get("is_test") is True:
        raise NoticeError("test")
    mapping = connection.mapping(identifier(values.get("form_id")))
    defaults = Defaults(mapping, country=connection.country, hand_raiser=connection.hand_raiser)
    answers = _answers(values.get("user_column_data"))
    gclid = identifier(values.get("gcl_id"))
    lead = read_lead({**answers, **({"gclid": gclid} if gclid else {})}, defaults)
    campaign = identifier(values.get("campaign_id"))
    references = (CampaignReference("google_ads", campaign),) if campaign else ()
    extra = {name: found for name in _KEPT if (found := identifier(values.get(name)))}
    return [
        replace(
            lead,
            external_id=identifier(values.get("lead_id")),
            occurred_at=moment(values.get("lead_submit_time")),
            campaigns=(*lead.campaigns, *references),
            answers={**lead.answers, **extra},
        )
    ]


_KEPT = ("form_id", "adgroup_id", "creative_id", "asset_group_id", "lead_stage", "lead_source")


def _answers(columns: Any) -> dict[str, Any]:
    """`user_column_data` by column id. A work address comes after a private one, as an answer of its own."""
    found: dict[str, Any] = {}
    for column in columns if isinstance(columns, list) else ():
        if isinstance(column, dict):
            name = identifier(column.get("column_id")) or identifier(column.get("column_name"))
            if name:
                found.setdefault(name, column.get("string_value"))
    return found
