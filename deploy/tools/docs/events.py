"""docs/events.md, docs/asyncapi.yaml and docs/schemas/*.json, made from the event classes."""

import json
from pathlib import Path
from typing import Any

import yaml

from services.handoff.subscriptions import subscriptions as handoff
from services.marketing.subscriptions import subscriptions as marketing
from services.sales.subscriptions import subscriptions as sales
from shared.events.envelope import Event, all_events
from shared.messaging import topics
from shared.messaging.parking import EventParked

HEADERS = {
    "ce_specversion": "`1.0`",
    "ce_id": "UUIDv7; together with `ce_source` the key that recognises a repeat",
    "ce_source": "`/leadloop/<publishing service>`",
    "ce_type": "the event's type, below",
    "ce_time": "RFC 3339 UTC; when the fact was recorded",
    "ce_partitionkey": "the Kafka key",
    "ce_sequence": "the event's `version` within its topic and key, without gaps",
    "ce_traceparent": "W3C trace context of the request that led to it; optional",
    "content-type": "`application/json`",
}


def pages() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    found = {Path("docs/events.md"): _markdown(), Path("docs/asyncapi.yaml"): _asyncapi()}
    for event in all_events():
        found[Path(f"docs/schemas/{event.type}.json")] = json.dumps(_schema(event), indent=2) + "\n"
    return found


def _schema(event: type[Event]) -> dict[str, Any]:
    schema = event.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:leadloop:event:{event.type}",
        **schema,
    }


def _summary(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())


def _listeners() -> dict[str, list[str]]:
    """Which services handle each type, read from their subscriptions."""
    found: dict[str, list[str]] = {}
    for each in (marketing, handoff, sales):
        for event in each.event_classes:
            found.setdefault(event.type, []).append(each.group)
    return found


def _markdown() -> str:
    listeners = _listeners()
    lines = [
        "# Events",
        "",
        "Made from the code by `python -m deploy.tools.docs`; do not edit.",
        "",
        "CloudEvents 1.0 in Kafka's binary mode. Fields are only ever added, with a default; anything else",
        "is a new type, ending in the next version. Events carry ids, codes and amounts: never a person's",
        "name or address (reps are staff: `RepChanged` carries their display name), never free text.",
        f"Order holds within one key of one topic. Every topic has {topics.PARTITIONS} partitions.",
        "",
        "| header | value |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in HEADERS.items()),
        "",
    ]
    by_topic: dict[str, list[type[Event]]] = {}
    for event in all_events():
        by_topic.setdefault(event.topic, []).append(event)
    for topic, events in sorted(by_topic.items()):
        lines += [f"## `{topic}`", ""]
        for event in events:
            heard = ", ".join(listeners.get(event.type, [])) or "nobody yet"
            lines += [
                f"### {event.__name__}",
                "",
                _summary(event),
                "",
                f"`{event.type}` · heard by: {heard} · [JSON Schema](schemas/{event.type}.json)",
                "",
                "| field | type | meaning |",
                "|---|---|---|",
                *(_field_row(event, name) for name in _schema(event)["properties"]),
                "",
            ]
    lines += [
        "## `dead.<service>`",
        "",
        f"{_summary(EventParked)} `{EventParked.type}`; an operator looks with `leadloop parked list`.",
        "",
    ]
    return "\n".join(lines)


def _field_row(event: type[Event], name: str) -> str:
    schema = _schema(event)
    field = schema["properties"][name]
    required = "" if name in schema.get("required", []) else "?"
    return f"| `{name}`{required} | {_type_of(field)} | {field.get('description', '')} |"


def _type_of(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type_of(choice) for choice in field["anyOf"])
    if "enum" in field:
        return " / ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_type_of(field.get('items', {}))}"
    return str(field.get("format") or field.get("type") or "any")


def _asyncapi() -> str:
    by_topic: dict[str, list[type[Event]]] = {}
    for event in all_events():
        by_topic.setdefault(event.topic, []).append(event)
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Leadloop events",
            "version": "1.0.0",
            "description": "Facts Leadloop's services publish. CloudEvents 1.0, Kafka binary mode.",
        },
        "defaultContentType": "application/json",
        "channels": {
            topic: {
                "address": topic,
                "messages": {
                    event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in events
                },
                "bindings": {"kafka": {"partitions": topics.PARTITIONS, "bindingVersion": "0.5.0"}},
            }
            for topic, events in sorted(by_topic.items())
        },
        "operations": {
            f"publish{event.__name__}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{event.topic}"},
                "summary": _summary(event),
                "messages": [{"$ref": f"#/channels/{event.topic}/messages/{event.__name__}"}],
            }
            for event in all_events()
        },
        "components": {
            "messages": {
                event.__name__: {
                    "name": event.type,
                    "title": event.__name__,
                    "summary": _summary(event),
                    "contentType": "application/json",
                    "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
                    "payload": {"$ref": f"./schemas/{event.type}.json"},
                    "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
                }
                for event in all_events()
            },
            "schemas": {
                "CloudEventHeaders": {
                    "type": "object",
                    "required": [name for name in HEADERS if name != "ce_traceparent"],
                    "properties": {
                        name: {"type": "string", "description": meaning} for name, meaning in HEADERS.items()
                    },
                }
            },
        },
    }
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return text
