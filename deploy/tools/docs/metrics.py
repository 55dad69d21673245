"""docs/metrics.md, made from the one list of metrics and from what can wait in each service."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import services.marketing.capture
from services.backlogs import QUEUES
from shared.observability.metrics import registry

INTRO = """\
# Metrics

Every process serves `/metrics` in Prometheus' text format: the APIs on their port, the workers on
`WORKER_PORT`. All of ours are here; those of the process itself (`process_…`, `python_…`) come besides.
`leadloop reconcile --every` has gauges of its own, see [reconcile.md](reconcile.md#gauges).

| metric | kind | labels | what it says |
|---|---|---|---|
"""
WAITING = """
## What can wait

The `queue`s of `leadloop_waiting` and `leadloop_waiting_oldest_seconds`, the same in the `details` of each
worker's `/readyz`, in `make status` and below the table of `leadloop reconcile`. Looked at
every five seconds.

| service | queue | what waits |
|---|---|---|
"""
ALARMS = """
## Alarms

```
leadloop_waiting_oldest_seconds{queue="deliveries"} > 60         # intake stands still
delta(leadloop_waiting{queue="deliveries_set_aside"}[1h]) > 0    # somebody's lead could not be read
leadloop_waiting_oldest_seconds{queue="outbox"} > 60             # events do not leave
leadloop_waiting{queue="parked"} > 0                             # events could not be handled
leadloop_waiting_oldest_seconds{queue="offers_overdue"} > 60     # offers do not move on
sum by (group, topic) (leadloop_consumer_lag) > 1000             # a service falls behind
leadloop_database_pool_in_use >= leadloop_database_pool_size     # for minutes: give it more connections
```
"""


def pages() -> dict[Path, str]:
    """The one page."""
    for found in pkgutil.walk_packages(services.marketing.capture.__path__, "services.marketing.capture."):
        importlib.import_module(found.name)  # a service's own are made where it counts
    rows = sorted(_rows())
    waits = [
        f"| {service} | `{queue.name}` | {queue.about} |\n"
        for service, queues in QUEUES.items()
        for queue in queues
    ]
    return {Path("docs/metrics.md"): INTRO + "".join(rows) + WAITING + "".join(waits) + ALARMS}


def _rows() -> Iterator[str]:
    collectors: dict[Any, Any] = registry._collector_to_names
    for collector in collectors:
        name = getattr(collector, "_name", "")
        if name.startswith("leadloop_"):
            kind = str(collector._type)
            full = f"{name}_total" if kind == "counter" else name
            labels = ", ".join(f"`{label}`" for label in collector._labelnames)
            yield f"| `{full}` | {kind} | {labels} | {collector._documentation} |\n"
