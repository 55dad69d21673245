"""How many requests may be at work at once. More are told to come back, at once: shed, don't collapse."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import UnavailableError
from shared.observability import telemetry


class Admission:
    """A bulkhead: as many at work as the pool has connections, and a bounded number waiting for one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place for the time of one piece of work. Raises UnavailableError when there is none."""
        if self._inside >= self._limit:
            telemetry.http_refused.labels("busy").inc()
            raise UnavailableError("Too many requests are waiting here; send it again a little later.")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
