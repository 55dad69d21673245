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
from services.marketing.capture.connectors.generic.paths import find
from services.marketing.capture.connectors.generic.rules import (
    GenericSettings,
    Lookup,
    Questions,
    parse_settings,
)
from services.marketing.capture.connectors.questions import as_name, name_answers
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
    if not is_wanted(values, settings):
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


def is_wanted(values: dict[str, Any], settings: GenericSettings) -> bool:
    """Whether it is the kind of news that makes leads."""
    return settings.event is None or as_text(find(values, settings.event)) in settings.events


def _read_fields(
    values: dict[str, Any], settings: GenericSettings, connection: ConnectionSettings
) -> CapturedLead:
    """What the paths lead to goes first; other members under `root` and the questions go by their names."""
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
    asked = {
        name: text
        for name, text in (_questions(values, settings.questions) if settings.questions else {}).items()
        if text not in taken
    }
    targets = {f"$.{name}": name for name in settings.fields}
    mapping = {**connection.mapping(None), **targets}
    defaults = Defaults(mapping, country=connection.country, hand_raiser=connection.hand_raiser)
    return name_answers(read_lead({**mapped, **asked, **others}, defaults), asked)


def _questions(values: dict[str, Any], settings: Questions) -> dict[str, str]:
    """What was answered, by the question's text where there is one; several options are one line."""
    titles = _texts(values, settings.titles)
    found: dict[str, str] = {}
    for item in _items(find(values, settings.list)):
        name = as_text(find(item, settings.name))
        name = as_name(titles.get(name, name))
        options = _texts(item, settings.options)
        for path in settings.values:
            text = _chosen(find(item, path), options)
            if name and text:
                found.setdefault(name, text)
                break
    return found


def _items(value: Any) -> list[Any]:
    """The items of a list, or of an object whose members are items, such as the responses of Cal.com."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _texts(value: Any, lookup: Lookup | None) -> dict[str, str]:
    """By id what a thing is called."""
    if lookup is None:
        return {}
    found = {}
    for item in _items(find(value, lookup.list)):
        id_, text = as_text(find(item, lookup.id)), as_text(find(item, lookup.text))
        if id_ and text:
            found[id_] = text
    return found


def _chosen(value: Any, options: dict[str, str]) -> str:
    """An answer as text, with the words of the options that were chosen by their ids."""
    if isinstance(value, list):
        several = [options.get(text, text) for text in map(as_text, value)]
        return as_text([text for text in several if text])
    text = as_text(value)
    return options.get(text, text)
