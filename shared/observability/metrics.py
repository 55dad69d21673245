"""Everything that is measured, with its meaning, in one list. A service adds its own where it counts them.

`leadloop_waiting` and its age have one label, `queue`: what can wait in a service is a line of its
`backlog.py`.
"""

from typing import Any

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

# When a series began doubles the page and answers nothing: a process' start has a metric of its own.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

registry = CollectorRegistry()
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)
GCCollector(registry=registry)

# What a process answers.
http_requests = Counter(
    "leadloop_http_requests_total",
    "Requests answered, by route template.",
    ["method", "route", "status"],
    registry=registry,
)
http_seconds = Histogram(
    "leadloop_http_request_seconds",
    "Time from the headers to the answer.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)
challenges = Counter(
    "leadloop_challenges_total",
    "Answers about the challenges of forms: passed, failed, unknown (no answer) or refused (our settings).",
    ["provider", "outcome"],
    registry=registry,
)
http_refused = Counter(
    "leadloop_http_refused_total",
    "Requests refused before any work, by reason.",
    ["reason"],
    registry=registry,
)
key_sets_fetched = Counter(
    "leadloop_key_sets_fetched_total",
    "Keys that tokens are checked with, fetched from the sign-on or the services' file: fetched or failed.",
    ["set", "outcome"],
    registry=registry,
)
pool_in_use = Gauge(
    "leadloop_database_pool_in_use", "Connections of the pool that work now.", registry=registry
)
pool_size = Gauge("leadloop_database_pool_size", "Connections the pool may have.", registry=registry)

# What waits in a service's database, looked at every few seconds by its worker.
waiting = Gauge("leadloop_waiting", "How many wait, by queue.", ["queue"], registry=registry)
waiting_oldest = Gauge(
    "leadloop_waiting_oldest_seconds",
    "How long the oldest has waited; 0 when none does.",
    ["queue"],
    registry=registry,
)

# Events in.
consumer_lag = Gauge(
    "leadloop_consumer_lag",
    "Records of the partitions this process reads that it has not handled yet.",
    ["group", "topic"],
    registry=registry,
)
events_handled = Counter("leadloop_events_handled_total", "Events handled.", ["topic"], registry=registry)
events_repeated = Counter(
    "leadloop_events_repeated_total", "Events seen before.", ["topic"], registry=registry
)
events_parked = Counter("leadloop_events_parked_total", "Events parked.", ["reason"], registry=registry)
batch_retries = Counter("leadloop_batch_retries_total", "Batches tried again.", ["topic"], registry=registry)
stopped_partitions = Gauge(
    "leadloop_partitions_stopped", "Partitions halted by the parking guard.", registry=registry
)

# Events out.
relay_sent = Counter("leadloop_relay_sent_total", "Events acknowledged by Kafka.", registry=registry)
relay_failures = Counter(
    "leadloop_relay_failures_total", "Record batches that Kafka refused.", registry=registry
)
relay_parked = Counter(
    "leadloop_relay_parked_total", "Keys parked because one of their events is poison.", registry=registry
)
relay_leading = Gauge(
    "leadloop_relay_leading", "1 while this process holds the relay's lock.", registry=registry
)

# Timers.
timer_items = Counter("leadloop_timer_items_total", "Items a timer worked on.", ["timer"], registry=registry)
timer_failures = Counter(
    "leadloop_timer_failures_total", "Runs of a timer that failed.", ["timer"], registry=registry
)

# Retention.
retention_cleared = Counter(
    "leadloop_retention_cleared_total",
    "What went because its days were over, by kind; docs/how-to/what-is-kept.md lists the kinds.",
    ["kind"],
    registry=registry,
)
retention_oldest = Gauge(
    "leadloop_retention_oldest_seconds",
    "Age of the oldest that is kept, by kind; 0 when there is none.",
    ["kind"],
    registry=registry,
)


def watch_pool(engine: Any) -> None:
    """Show how busy the pool of this engine (SQLAlchemy's, asynchronous) is, counted when it is asked for."""
    pool_size.set(engine.pool.size())
    pool_in_use.set_function(engine.pool.checkedout)


def pool_of(engine: Any) -> dict[str, int]:
    """The same, for the details of readiness."""
    return {"in_use": engine.pool.checkedout(), "size": engine.pool.size()}
