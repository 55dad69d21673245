"""Reconcile as gauges: a look every few minutes, and what it found for Prometheus to fetch."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from structlog import get_logger

from deploy.ops.reconcile.findings import Findings
from deploy.ops.reconcile.servers import UnreachableError

log = get_logger()


class Gauges:
    """An alert asks three things: does it hold, when was it last looked at, and could it be looked at."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.differences = Gauge(
            "leadloop_reconcile_difference", "Entries that differ.", ["equation"], registry=registry
        )
        self.entries = Gauge(
            "leadloop_reconcile_entries", "Entries compared.", ["equation", "side"], registry=registry
        )
        self.holds = Gauge("leadloop_reconcile_holds", "1 while every equation holds.", registry=registry)
        self.pending = Gauge(
            "leadloop_reconcile_pending", "Events not sent yet.", ["service"], registry=registry
        )
        self.lag = Gauge("leadloop_reconcile_lag", "Records not read yet.", ["service"], registry=registry)
        self.parked = Gauge("leadloop_reconcile_parked", "Events set aside.", ["service"], registry=registry)
        self.waiting = Gauge(
            "leadloop_reconcile_waiting", "What else waits.", ["service", "queue"], registry=registry
        )
        self.at = Gauge(
            "leadloop_reconcile_last_run_timestamp_seconds", "When it last was looked at.", registry=registry
        )
        self.seconds = Gauge(
            "leadloop_reconcile_duration_seconds", "How long the last look took.", registry=registry
        )
        self.failures = Counter(
            "leadloop_reconcile_failures_total", "Times it could not be looked at.", registry=registry
        )

    def show(self, findings: Findings) -> None:
        for line in findings.lines:
            self.differences.labels(line.name).set(line.count)
            self.entries.labels(line.name, "left").set(line.left)
            if line.right is not None:
                self.entries.labels(line.name, "right").set(line.right)
        self.holds.set(findings.holds)
        for one in findings.waiting:
            self.pending.labels(one.service).set(one.pending)
            self.parked.labels(one.service).set(one.parked)
            for each in one.others:
                self.waiting.labels(one.service, each.queue).set(each.number)
            if one.lag is not None:
                self.lag.labels(one.service).set(one.lag)
        self.at.set(findings.at.timestamp())
        self.seconds.set(findings.seconds)


async def serve(look: Callable[[], Awaitable[Findings]], *, every: float, port: int) -> None:
    """Look, show, wait; until SIGTERM or SIGINT. A server that is away is counted, and tried again."""
    gauges = Gauges()
    server, thread = start_http_server(port, registry=gauges.registry)
    loop = asyncio.get_running_loop()
    looking = asyncio.current_task()
    assert looking is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, looking.cancel)
    print(f"Gauges at http://127.0.0.1:{port}/metrics, a look every {every:g} s. Ctrl-C ends it.", flush=True)
    try:
        while True:
            try:
                findings = await look()
            except UnreachableError as error:
                gauges.failures.inc()
                log.warning("reconcile_could_not_look", reason=str(error))
            else:
                gauges.show(findings)
                if not findings.holds:
                    log.error("reconcile_differs", equations=findings.broken)
            await asyncio.sleep(every)
    except asyncio.CancelledError:
        return
    finally:
        server.shutdown()
        thread.join(5)
