"""CloudEvents 1.0 in Kafka's binary mode: attributes as `ce_*` headers, the data as the record's value.

Source: cloudevents/spec, kafka-protocol-binding.md; extensions partitioning, distributed-tracing, sequence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID, uuid5

from shared.events.envelope import Envelope

Headers = list[tuple[str, bytes]]
# Ids of records that carry none of their own: the same record always gets the same id.
NAMELESS = UUID("0e7d1f5e-4a6f-5f0e-9b57-9d2f0a4b7c11")


class Record(Protocol):
    """What a Kafka client hands over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no event we can read, and why; it is parked under this id and key."""

    id: UUID
    topic: str
    partition: int
    offset: int
    key: str
    type: str
    headers: dict[str, str]
    data: bytes | None
    reason: str


def headers_of(row: Any) -> Headers:
    """The headers of one outbox row."""
    headers = [
        *_constant_headers(row["type"]),
        ("ce_id", str(row["event_id"]).encode()),
        ("ce_time", _shown(row["created_at"])),
        ("ce_partitionkey", row["key"].encode()),
        ("ce_sequence", str(row["version"]).encode()),
    ]
    if row["traceparent"]:
        headers.append(("ce_traceparent", row["traceparent"].encode()))
    return headers


@lru_cache(maxsize=256)
def _constant_headers(type_: str) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", b"1.0"),
        ("ce_source", f"/leadloop/{type_.split('.')[1]}".encode()),
        ("ce_type", type_.encode()),
        ("content-type", b"application/json"),
    )


@lru_cache(maxsize=256)  # events staged in one transaction share their time
def _shown(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()


def decode(record: Record, *, prefix: str = "") -> Envelope | Unreadable:
    """Read a record's envelope. Never raises: what can't be read says why."""
    found, text_ok = _text(record.headers)
    topic = record.topic.removeprefix(prefix)
    problem = None if text_ok else "headers_not_utf8"
    if found.get("content-type", "").lower().startswith("application/cloudevents"):
        problem = "structured_mode"
    elif record.value is None:
        problem = "no_data"
    elif missing := [
        name for name in ("ce_id", "ce_type", "ce_source", "ce_specversion") if not found.get(name)
    ]:
        problem = f"missing_{missing[0]}"
    elif found["ce_specversion"] != "1.0":
        problem = "unknown_specversion"
    try:
        identity = UUID(found.get("ce_id", ""))
    except ValueError:
        identity = uuid5(NAMELESS, f"{topic}/{record.partition}/{record.offset}")
        problem = problem or "id_not_uuid"
    try:
        key = (record.key or b"").decode()
        moment = _time(found.get("ce_time"), record.timestamp)
    except (UnicodeDecodeError, ValueError, OverflowError, OSError):
        key, moment = (record.key or b"").hex(), datetime.fromtimestamp(0, UTC)
        problem = problem or "key_or_time_unreadable"
    if problem or record.value is None:
        return Unreadable(
            id=identity,
            topic=topic,
            partition=record.partition,
            offset=record.offset,
            key=key[:256].replace("\0", "?"),
            type=found.get("ce_type", "")[:256].replace("\0", "?"),
            headers=found,
            data=record.value,
            reason=problem or "no_data",
        )
    return Envelope(
        id=identity,
        type=found["ce_type"],
        key=key,
        time=moment,
        data=record.value,
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        traceparent=found.get("ce_traceparent"),
    )


def _text(headers: Iterable[tuple[str, bytes]]) -> tuple[dict[str, str], bool]:
    """Headers as text (NUL can't be stored), and whether all of them were UTF-8."""
    found: dict[str, str] = {}
    whole = True
    for name, value in headers:
        try:
            found[name] = (value or b"").decode().replace("\0", "?")
        except UnicodeDecodeError:
            whole = False
            found[name] = (value or b"").hex()
    return found, whole


def _time(text: str | None, timestamp: int) -> datetime:
    if text is None:
        return datetime.fromtimestamp(timestamp / 1000, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
