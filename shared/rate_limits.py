"""How often somebody may do something: so many at once, so many a second in the long run. In memory, bounded.

This is the generic cell rate algorithm (ITU-T I.371, Annex A; Wikipedia has it, and brandur.org/rate-limiting
how it serves an API): a key costs one number, the moment at which its burst is whole again, and nothing runs
in the background. Each process counts for itself, so that no request waits for another machine.
"""

import time
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

MOST_KEYS = 16_384  # about 3 MB


class Taken(NamedTuple):
    """What became of one request: how long to wait (0: it may go on), and how much of the burst is in use."""

    wait: float
    used: float


class RateLimit:
    """`burst` at once and `per_second` in the long run, for each key.

    No more than `most` keys are remembered. When there are more, those are forgotten whose burst is whole
    again, with whom nothing is lost, and then those who used least of theirs: whoever floods is the last, and
    would have to flood from as many other networks as there are places to be forgotten.
    """

    __slots__ = ("_due", "_interval", "_most", "_now", "_tolerance", "burst", "per_second")

    def __init__(
        self,
        *,
        burst: int,
        per_second: float,
        most: int = MOST_KEYS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.burst, self.per_second = burst, per_second
        self._interval = 1 / per_second
        self._tolerance = burst * self._interval
        self._most = most
        self._now = now
        self._due: dict[str, float] = {}

    def take(self, key: str) -> Taken:
        """Count one more of this key, if it may go on. Who may not is not counted: asking costs nothing."""
        now = self._now()
        due = self._due.get(key)
        if due is None or due < now:
            if due is None and len(self._due) >= self._most:
                self._make_room(now)
            due = now
        then = due + self._interval
        wait = then - now - self._tolerance
        if wait > 1e-9:  # less is the rounding of sums of floats
            return Taken(wait, (due - now) / self._interval)
        self._due[key] = then
        return Taken(0.0, (then - now) / self._interval)

    def wait(self, key: str) -> float:
        """How long this key would have to wait now, without counting anything."""
        due = self._due.get(key)
        return 0.0 if due is None else max(0.0, due + self._interval - self._now() - self._tolerance)

    def __len__(self) -> int:
        return len(self._due)

    def _make_room(self, now: float) -> None:
        """Keep half of the places at most, those deepest in use: so it is rare, however many come."""
        deep = sorted((due, key) for key, due in self._due.items() if due > now)
        self._due = {key: due for due, key in deep[-(self._most // 2) :]}


def policy(name: str, limit: RateLimit) -> tuple[str, str]:
    """`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): how many in how many seconds."""
    return "RateLimit-Policy", f'"{name}";q={limit.burst};w={max(1, round(limit.burst / limit.per_second))}'


def standing(name: str, limit: RateLimit, taken: Taken) -> tuple[str, str]:
    """`RateLimit` of the same draft: how many are left, and after how many seconds there are more."""
    left = int(limit.burst - taken.used + 1e-9)
    return "RateLimit", f'"{name}";r={max(0, left)};t={ceil(taken.wait) or ceil(1 / limit.per_second)}'
