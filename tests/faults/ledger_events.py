"""Equations about events: each staged once, in the log in order, and handled by whoever listens."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib import import_module

from shared.services import SERVICES
from tests.faults.evidence import Evidence, Record, unique

Wrong = Iterator[str]
DEAD = "dead."


def lost(seen: Evidence) -> Wrong:
    """Staged, and not in the log."""
    known = {record.id for record in seen.log}
    for service in SERVICES:
        for event in seen.outbox[service]:
            if event.id not in known and event.id not in seen.kept_back[service]:
                yield f"{event.topic} {event.id} of {event.key}"


def ghosts(seen: Evidence) -> Wrong:
    """In the log, and staged by nobody."""
    staged = {event.id for service in SERVICES for event in seen.outbox[service]}
    for record in seen.log:
        place = (record.topic, record.partition, record.offset)
        if record.id in staged or record.id in seen.planted.events or place in seen.planted.places:
            continue
        yield f"{record.topic}/{record.partition}/{record.offset} {record.id}"


def out_of_order(seen: Evidence) -> Wrong:
    """Keys whose events' first occurrences in the log are not in the order of their versions."""
    last: dict[tuple[str, str], int] = {}
    for record in unique(_ours(seen)).values():
        place = (record.topic, record.key)
        if record.version <= last.get(place, 0):
            yield f"{record.topic} {record.key}: {record.version} after {last[place]}"
        last[place] = max(record.version, last.get(place, 0))


def version_gaps(seen: Evidence) -> Wrong:
    """Keys whose versions are not 1, 2, 3, …"""
    versions: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for service in SERVICES:
        for event in seen.outbox[service]:
            if not event.topic.startswith(DEAD):
                versions[event.topic, event.key].append(event.version)
    for (topic, key), found in versions.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"{topic} {key}: {sorted(found)[:10]}"


def unhandled(seen: Evidence) -> Wrong:
    """In the log, and neither handled nor parked by a service that listens to it."""
    ours = unique(_ours(seen)).values()
    for service in SERVICES:
        types, settled = _types_heard_by(service), seen.inbox[service] | seen.parked[service]
        for record in ours:
            if record.type in types and record.id not in settled:
                yield f"{service}: {record.topic}/{record.partition}/{record.offset} {record.id}"


def stuck(seen: Evidence) -> Wrong:
    """What still waits although all is quiet, and what was parked though nobody planted it."""
    for service in SERVICES:
        if seen.waiting[service]:
            yield f"{service}: {seen.waiting[service]} rows wait"
        for event_id in seen.kept_back[service]:
            yield f"{service}: {event_id} is parked in the outbox"
        for event_id in seen.parked[service] - seen.planted.parked:
            yield f"{service}: {event_id} is parked"


def doubled(seen: Evidence) -> Wrong:
    """One fact told twice: a lead qualified, assigned or accepted, or a deal opened or closed, two times."""
    for service in SERVICES:
        for fact, count in Counter(seen.facts[service]).items():
            if count > 1:
                yield f"{fact}: {count} times"


def _ours(seen: Evidence) -> list[Record]:
    """What the services themselves published."""
    staged = {event.id for service in SERVICES for event in seen.outbox[service]}
    return [record for record in seen.log if record.id in staged and not record.topic.startswith(DEAD)]


def _types_heard_by(service: str) -> set[str]:
    found = import_module(f"services.{service}.subscriptions").subscriptions
    return {event_class.type for event_class in found.event_classes}
