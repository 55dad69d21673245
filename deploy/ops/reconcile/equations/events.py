"""Events themselves: versions without gaps, and everything sent was handled by everyone who listens."""

from collections.abc import Iterable, Iterator
from importlib import import_module

from deploy.ops.reconcile.equations.shape import Equation, Side, Way
from services.topics import read_topics
from shared.events.envelope import Event
from shared.services import SERVICES

# Where the version of each key is counted, by topic: key and counter.
COUNTERS = {
    "marketing": {
        "marketing.leads": "SELECT id::text, event_version FROM leads WHERE event_version > 0",
    },
    "handoff": {
        "handoff.assignments": "SELECT lead_id::text, max(version) FROM leads WHERE version > 0 GROUP BY 1",
        "handoff.reps": "SELECT id::text, version FROM reps",
    },
    "sales": {
        "sales.activities": "SELECT id::text, version FROM activities WHERE version > 0",
        "sales.deals": "SELECT id::text, version FROM deals",
        "sales.rates": "SELECT base || ':' || quote, version FROM currency_pairs",
    },
}


def versions(service: str) -> Equation:
    """One key's versions are 1, 2, 3, … up to what its row has counted.

    Of a key whose oldest events are past the log's retention, the rest has no gap.
    """
    counters = " UNION ALL ".join(
        f"SELECT '{topic}' AS topic, c.* FROM ({sql}) AS c(key, counter)"
        for topic, sql in COUNTERS[service].items()
    )
    known = ", ".join(f"'{topic}'" for topic in COUNTERS[service])
    sql = f"""
SELECT topic || '/' || key AS key, concat_ws(', ', CASE WHEN counter IS NULL THEN 'no row counts it'
       ELSE 'its row counts ' || counter END, CASE WHEN events IS NULL THEN 'no event'
       ELSE events || ' events from ' || first || ' to ' || last END) AS value
FROM (
    SELECT topic, key, min(version) AS first, max(version) AS last, count(*) AS events,
           count(DISTINCT version) AS different
    FROM outbox WHERE topic IN ({known}) AND created_at >= :since GROUP BY topic, key
) log FULL JOIN ({counters}) counted USING (topic, key)
WHERE (events IS NULL AND :complete) OR (:complete AND first <> 1) OR counter IS NULL AND events IS NOT NULL
   OR last <> counter OR events <> different OR last - first + 1 <> events"""
    return Equation(
        name=f"versions_{service}",
        claim=f"The versions of every key of {service}'s events have no gap and no double",
        left=Side(service, "keys with a gap", sql),
        right=None,
        remedy="an event was deleted from the log or staged without its row's lock; see "
        "docs/reconcile.md#versions",
    )


def delivered(publisher: str, consumer: str, listened: Iterable[type[Event]]) -> Equation:
    """By event ids, within the retention of the log and the inbox."""
    listened = list(listened)
    types = ", ".join(sorted({f"'{event.type}'" for event in listened}))
    topics = sorted({event.topic for event in listened})
    names = ", ".join(f"'{topic}'" for topic in topics)
    return Equation(
        name=f"delivered_{publisher}_{consumer}",
        claim=f"{consumer.capitalize()} has handled each event of {publisher} it listens to, and no other",
        left=Side(
            publisher,
            "events in the log",
            f"SELECT event_id::text AS key, '' AS value FROM outbox WHERE type IN ({types}) "
            "AND event_id >= :first_id",
        ),
        # What was given up is claimed as well, and may never have been an event of ours.
        right=Side(
            consumer,
            "events handled",
            f"SELECT event_id::text AS key, '' AS value FROM inbox i WHERE topic IN ({names}) "
            "AND event_id >= :first_id AND NOT EXISTS (SELECT FROM parked_events p "
            "WHERE p.event_id = i.event_id AND p.state = 'discarded')",
        ),
        remedy=f"missing in {consumer}: leadloop rebuild --from DATE --service {publisher}; missing in "
        f"{publisher}'s log: it was restored from an older backup, see docs/reconcile.md#delivered",
        way=Way(publisher, "", consumer, by_id=True),
    )


def listened_topics(service: str) -> set[str]:
    """The topics this service reads."""
    return read_topics(service)


def _listened() -> Iterator[tuple[str, str, list[type[Event]]]]:
    """Publisher, consumer, and what the one hears of the other, from the services' own maps."""
    for consumer in SERVICES:
        classes = import_module(f"services.{consumer}.subscriptions").subscriptions.event_classes
        for publisher in SERVICES:
            heard = [event for event in classes if event.publisher() == publisher]
            if heard:
                yield publisher, consumer, heard


EQUATIONS = (*map(versions, SERVICES), *(delivered(*found) for found in _listened()))
