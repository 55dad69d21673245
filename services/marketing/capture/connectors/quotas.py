"""How much of strangers a door takes: forms by network, guesses of keys, forged webhooks, unusual rates.

All of it in memory, of bounded size, in each process for itself: nothing here asks anybody. Who is refused is
told when to come again, and is counted by door and reason. A webhook that proves itself is never refused, so
networks that a connection's genuine news came from are remembered.
"""

import time
from collections.abc import Callable
from uuid import UUID

from services.marketing.capture.deliveries.disk_guard import FULL, RETRY_AFTER
from services.marketing.capture.sources import rates
from services.marketing.capture.sources.rules import FormSettings
from services.marketing.settings import Settings
from shared.errors import TooManyRequestsError
from shared.rate_limits import RateLimit, Taken

# Keys are random, so who tries others than were given out guesses, or has one that is no longer.
GUESSES, GUESSES_PER_SECOND = 30, 0.2
# A secret that was changed on one side only: enough to see that, and to go on when it is put right.
FORGERIES, FORGERIES_PER_SECOND = 30, 0.2
# The share of its burst from which one network's posts look less like a crowd than like a program.
CROWD = 0.2
MOST_PROVEN = 4096
MOST_FORMS = 4096


class DoorQuotas:
    """What the doors of one process remember of who came how often."""

    def __init__(self, settings: Settings) -> None:
        self.posts = RateLimit(burst=settings.form_burst, per_second=settings.form_rate)
        self.guesses = RateLimit(burst=GUESSES, per_second=GUESSES_PER_SECOND)
        self.forgeries = RateLimit(burst=FORGERIES, per_second=FORGERIES_PER_SECOND)
        self.hours = HourCounts()
        self._proven: dict[tuple[UUID, str], None] = {}

    def take_post(self, network: str) -> Taken:
        """Count a form of this network. Raises TooManyRequestsError above what it may send."""
        taken = self.posts.take(network)
        if taken.wait:
            raise TooManyRequestsError(
                "More forms came from your network than may come at once. Nothing was stored; send it again "
                "after `Retry-After` seconds.",
                wait=taken.wait,
            )
        return taken

    @staticmethod
    def check_room(*, is_full: bool) -> None:
        """Raises TooManyRequestsError while the disk is full: scripts of pages know that to be no fault."""
        if is_full:
            raise TooManyRequestsError(FULL, wait=RETRY_AFTER)

    def is_program(self, taken: Taken) -> bool:
        """Whether so much came from one network in so short a time that hardly people did it."""
        return taken.used > CROWD * self.posts.burst

    def check_guesses(self, network: str) -> None:
        """Raises TooManyRequestsError for a network that tried too many keys which are none."""
        if wait := self.guesses.wait(network):
            raise TooManyRequestsError(
                "Too many keys were tried from your network that are none. Look at the address; this one is "
                "looked up again after `Retry-After` seconds.",
                wait=wait,
            )

    def check_forgeries(self, connection: UUID, network: str) -> None:
        """Raises TooManyRequestsError for a network that sent this connection too much it could not prove.

        Not for one whose news of this connection was genuine before.
        """
        if (connection, network) in self._proven:
            return
        if wait := self.forgeries.wait(f"{connection} {network}"):
            raise TooManyRequestsError(
                "Too much came from your network that was not signed with this connection's secret. "
                "Look at its secrets, and send it again after `Retry-After` seconds.",
                wait=wait,
            )

    def forged(self, connection: UUID, network: str) -> None:
        self.forgeries.take(f"{connection} {network}")

    def proven(self, connection: UUID, network: str) -> None:
        """What this network sends for this connection is genuine: it goes on being looked at."""
        self._proven.pop((connection, network), None)
        if len(self._proven) >= MOST_PROVEN:
            self._proven.pop(next(iter(self._proven)))  # who was proven the longest time ago
        self._proven[connection, network] = None


class HourCounts:
    """How many posts each form got in this process in the hour that is running."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._hour = 0
        self._counts: dict[UUID, int] = {}

    def is_unusual(self, form: FormSettings) -> bool:
        """Count a post; whether its form got more in this hour than is usual, here or in all processes."""
        hour = int(self._now()) // rates.HOUR
        if hour != self._hour:
            self._hour, self._counts = hour, {}
        count = self._counts.get(form.id, 0) + 1
        if count > 1 or len(self._counts) < MOST_FORMS:
            self._counts[form.id] = count
        return max(count, rates.counted(form, hour) + 1) > rates.usual(form)
