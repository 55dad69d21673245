"""Any signed webhook: the connection's settings say where in its body things are."""

from dataclasses import replace
from typing import Any

from services.marketing.acquisition.campaigns.rules import CampaignReference
from services.marketing.capture.connectors.field_mapping import (
    Defaults,
    as_text,
    identifier,
    moment,
    read_lead,
)
from services.marketing.capture.connectors.generic.rules import GenericSettings, find, parse_settings
from services.marketing.capture.connectors.rules import CapturedLead, NoticeError, UnreadableError
from services.marketing.capture.deliveries.bodies import parse_object
from services.marketing.capture.sources.rules import ConnectionSettings, SettingError
from shared.errors import ProblemError
from shared.http.limits import MOST_FIELDS

FIELDS = 10 * MOST_FIELDS  # form tools wrap every answer in an object, and describe the form beside it


def read(body: bytes, connection: ConnectionSettings) -> list[CapturedLead]:
    """The lead in a webhook. Raises NoticeError for other news, UnreadableError when it is no webhook."""
    try:
        values = parse_object(body, fields=FIELDS)
    except ProblemError as problem:
        raise UnreadableError(problem.slug) from None
    try:
        settings = parse_settings(connection.settings)
    except SettingError:
        raise UnreadableError("settings_invalid") from None
    if settings.event is not None and as_text(find(values, settings.event)) not in settings.events:
        raise NoticeError("other_event")
    lead = _read_fields(values, settings, connection)
    occurred_at = find(values, settings.occurred_at)
    happened = moment(occurred_at)
    campaign = identifier(find(values, settings.campaign))
    named = (CampaignReference("id", campaign), CampaignReference("utm", campaign)) if campaign else ()
    answers = {name: text for name, path in settings.answers.items() if (text := as_text(find(values, path)))}
    return [
        replace(
            lead,
            external_id=identifier(find(values, settings.external_id)),
            occurred_at=happened,
            campaigns=(*named, *lead.campaigns),
            answers={**lead.answers, **answers},
            faults=(
                *lead.faults,
                *(["occurred_at_invalid"] if occurred_at is not None and happened is None else []),
            ),
        )
    ]


def _read_fields(
    values: dict[str, Any], settings: GenericSettings, connection: ConnectionSettings
) -> CapturedLead:
    """What the paths lead to goes first; other plain members under `root` are recognised by their names."""
    mapped = {
        f"$.{name}": text for name, path in settings.fields.items() if (text := as_text(find(values, path)))
    }
    taken = set(mapped.values())
    root = find(values, settings.root)
    others = {
        name: value
        for name, value in (root.items() if isinstance(root, dict) else ())
        if not isinstance(value, dict | list) and as_text(value) not in taken
    }
    targets = {f"$.{name}": name for name in settings.fields}
    mapping = {**connection.mapping(None), **targets}
    defaults = Defaults(mapping, country=connection.country, hand_raiser=connection.hand_raiser)
    return read_lead({**mapped, **others}, defaults)
