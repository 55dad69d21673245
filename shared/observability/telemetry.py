"""Trace context in and out (W3C traceparent), and the page of numbers Prometheus reads."""

import os
from contextvars import ContextVar
from functools import cache

from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Histogram, generate_latest

from shared.observability.metrics import http_refused, http_requests, http_seconds, registry

__all__ = [
    "count_request",
    "current_traceparent",
    "follow",
    "http_refused",
    "metrics_page",
    "registry",
    "trace_id",
    "traceparent",
]

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
_w3c = TraceContextTextMapPropagator()


def current_traceparent() -> str | None:
    """The trace this request or event belongs to, or None outside of one."""
    return traceparent.get()


def follow(header: str | None) -> str:
    """The traceparent of our own work: in the caller's trace when the header is valid, else in a new one."""
    fresh = os.urandom(24).hex()
    # Most requests have none, and reading one costs as much as a twentieth of a form.
    caller = get_current_span(_w3c.extract({"traceparent": header})).get_span_context() if header else None
    if caller is None or not caller.is_valid:
        return f"00-{fresh[:32]}-{fresh[32:]}-01"
    return f"00-{caller.trace_id:032x}-{fresh[32:]}-{caller.trace_flags:02x}"


def trace_id(parent: str) -> str:
    return parent[3:35]


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request answered. `route` is a template, never a path: its values are few."""
    _counter(method, route, status).inc()
    _timer(method, route).observe(seconds)


# Looking a label set up costs more than counting; there are as many as routes, methods and statuses.
@cache
def _counter(method: str, route: str, status: int) -> Counter:
    return http_requests.labels(method, route, status)


@cache
def _timer(method: str, route: str) -> Histogram:
    return http_seconds.labels(method, route)


def metrics_page() -> bytes:
    """Everything measured in this process, in Prometheus' text format."""
    return generate_latest(registry)
