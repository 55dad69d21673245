"""When a service that does not answer is left alone for a while."""

BREAK_AFTER = 5
BREAK_SECONDS = 5.0


class Breaker:
    """After so many calls in a row without an answer none is made for five seconds, then one to see.

    A service that hangs would otherwise hold every request that asks it for its whole timeout, and
    with them the places of requests that don't.
    """

    def __init__(self, after: int = BREAK_AFTER) -> None:
        self._after = after
        self._failures = 0
        self._closed_until = float("-inf")

    @property
    def is_broken(self) -> bool:
        """Whether the next one that is let through only goes to see."""
        return self._failures >= self._after

    def lets_through(self, now: float) -> bool:
        if not self.is_broken:
            return True
        if now < self._closed_until:
            return False
        self._closed_until = now + BREAK_SECONDS  # one goes to see; the others wait for what it finds
        return True

    def note(self, now: float, *, answered: bool) -> None:
        self._failures = 0 if answered else self._failures + 1
        if self._failures == self._after:
            self._closed_until = now + BREAK_SECONDS
