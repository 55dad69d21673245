"""What is found when all is quiet: the log from offset 0 and the tables, never the product's API."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.topics import topic_names
from shared.messaging import topics
from shared.services import SERVICES
from tests.faults.histories import Histories
from tests.faults.house import Planted

# Facts of which there may be one only, by what makes them the same fact. A deal may close again.
FACTS = """
SELECT type, key, convert_from(data, 'UTF8')::jsonb ->> 'cycle' AS cycle,
       CASE WHEN type LIKE '%deal_closed%' THEN version::text
            ELSE convert_from(data, 'UTF8')::jsonb ->> 'hop' END AS which
FROM outbox WHERE type = ANY($1::text[])
"""
ONLY_ONCE = {
    "marketing": ("leadloop.marketing.lead_qualified.v1",),
    "handoff": ("leadloop.handoff.lead_assigned.v1", "leadloop.handoff.lead_accepted.v1"),
    "sales": ("leadloop.sales.deal_opened.v1", "leadloop.sales.deal_closed.v1"),
}
CREDITS = """
SELECT coalesce(c.campaign_id::text, c.bucket) AS campaign, m.model, s.reporting_currency AS currency,
       sum(c.reporting_amounts[m.n])::bigint AS minor
FROM credits c JOIN credit_sets s USING (deal_id, revision), unnest(s.models) WITH ORDINALITY AS m(model, n)
GROUP BY 1, 2, 3
"""
CREDITS_BY_DEAL = """
SELECT c.deal_id::text AS deal, m.model, sum(c.amounts[m.n])::bigint AS minor
FROM credits c JOIN credit_sets s USING (deal_id, revision), unnest(s.models) WITH ORDINALITY AS m(model, n)
GROUP BY 1, 2
"""
REPORTED = """
SELECT CASE WHEN campaign_id = '00000000-0000-0000-0000-000000000000' THEN bucket
            ELSE campaign_id::text END AS campaign,
       model, currency, sum(revenue_minor)::bigint AS minor
FROM campaign_days WHERE basis = 'closed' GROUP BY 1, 2, 3
"""
TABLES = {
    "marketing": {
        "deliveries": "SELECT id::text, dedupe_key, state FROM deliveries WHERE state <> 'repeat'",
        "submissions": "SELECT id::text, delivery_id::text, state, lead_id::text FROM submissions",
        "leads": "SELECT id::text FROM leads",
        "qualified": "SELECT lead_id::text, cycle FROM lead_cycles WHERE qualified_at IS NOT NULL",
        "copies": "SELECT deal_id::text, version, outcome, amount_minor, reporting_amount_minor FROM deals",
        "credit_sets": "SELECT deal_id::text, revision FROM credit_sets",
        "credits": CREDITS,
        "credits_by_deal": CREDITS_BY_DEAL,
        "reported": REPORTED,
    },
    "handoff": {
        "leads": "SELECT lead_id::text, cycle, hop FROM leads",
        "assignments": "SELECT id::text, lead_id::text, cycle, hop, state FROM assignments",
    },
    "sales": {
        "deals": "SELECT id::text, lead_id::text, cycle, state, version, amount_minor, refunded_minor, "
        "reporting_minor, reporting_currency FROM deals",
        "history": "SELECT deal_id::text, version, fact, to_stage FROM deal_history",
    },
}
WAITING = {
    "marketing": "SELECT (SELECT count(*) FROM deliveries WHERE state = 'pending') "
    "+ (SELECT count(*) FROM submissions WHERE state = 'pending') + (SELECT count(*) FROM outbox_pending)",
    "handoff": "SELECT count(*) FROM outbox_pending",
    "sales": "SELECT count(*) FROM outbox_pending",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the log. `id` is empty when it carries none."""

    topic: str
    partition: int
    offset: int
    key: str
    id: str
    version: int
    type: str
    moment: float  # seconds


@dataclass(frozen=True, slots=True)
class Staged:
    """One event of an outbox."""

    id: str
    topic: str
    key: str
    version: int
    type: str


@dataclass
class Evidence:
    """Everything the equations look at."""

    log: list[Record]
    outbox: dict[str, list[Staged]]
    kept_back: dict[str, set[str]]  # by service: events that Kafka would not take
    inbox: dict[str, set[str]]
    parked: dict[str, set[str]]
    waiting: dict[str, int]
    facts: dict[str, list[tuple[Any, ...]]]
    tables: dict[str, dict[str, list[Mapping[str, Any]]]]
    histories: Histories = field(default_factory=Histories)
    planted: Planted = field(default_factory=Planted)


async def gather(bootstrap: str, prefix: str, databases: Mapping[str, str]) -> Evidence:
    """Read it all."""
    evidence = Evidence(await read_log(bootstrap, prefix), {}, {}, {}, {}, {}, {}, {})
    for service in SERVICES:
        connection = await asyncpg.connect(databases[service], server_settings={"statement_timeout": "120s"})
        try:
            await _read_database(connection, service, evidence)
        finally:
            await connection.close()
    return evidence


async def _read_database(connection: Any, service: str, into: Evidence) -> None:
    rows = await connection.fetch("SELECT event_id, topic, key, version, type FROM outbox ORDER BY id")
    into.outbox[service] = [
        Staged(str(row["event_id"]), row["topic"], row["key"], row["version"], row["type"]) for row in rows
    ]
    kept_back = "SELECT event_id FROM outbox_parked JOIN outbox USING (id, created_at)"
    into.kept_back[service] = await _ids(connection, kept_back)
    into.inbox[service] = await _ids(connection, "SELECT event_id FROM inbox")
    into.parked[service] = await _ids(
        connection, "SELECT event_id FROM parked_events WHERE state IN ('parked', 'discarded')"
    )
    into.waiting[service] = int(await connection.fetchval(WAITING[service]))
    into.facts[service] = [tuple(row) for row in await connection.fetch(FACTS, list(ONLY_ONCE[service]))]
    into.tables[service] = {
        name: [dict(row) for row in await connection.fetch(sql)] for name, sql in TABLES[service].items()
    }


async def _ids(connection: Any, sql: str) -> set[str]:
    return {str(row["event_id"]) for row in await connection.fetch(sql)}


async def read_log(bootstrap: str, prefix: str) -> list[Record]:
    """Every record of every topic from offset 0, in the order of each partition."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await client.start()
    try:
        partitions = [
            TopicPartition(prefix + name, number)
            for name in topic_names()
            for number in range(topics.PARTITIONS)
        ]
        client.assign(partitions)
        ends = await client.end_offsets(partitions)
        begins = await client.beginning_offsets(partitions)
        waiting = {partition for partition in partitions if ends[partition] > begins[partition]}
        found: list[Record] = []
        while waiting:
            batches = await client.getmany(timeout_ms=500, max_records=5000)
            for partition, records in batches.items():
                found += [_record(record, prefix) for record in records]
                if records[-1].offset + 1 >= ends[partition]:
                    waiting.discard(partition)
            await asyncio.sleep(0)
        return found
    finally:
        await client.stop()


def _record(record: Any, prefix: str) -> Record:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    sequence = headers.get("ce_sequence", "")
    return Record(
        record.topic.removeprefix(prefix),
        record.partition,
        record.offset,
        (record.key or b"").decode(errors="replace"),
        headers.get("ce_id", ""),
        int(sequence) if sequence.isdecimal() else 0,
        headers.get("ce_type", ""),
        record.timestamp / 1000,
    )


def unique(records: Sequence[Record]) -> dict[str, Record]:
    """First occurrences by id."""
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(record.id, record)
    return found
