"""What is a demo, and how many of those booked were held. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

SHOWN = ("demo", "presentation")
NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class Booked:
    """A demo as far as it is counted."""

    due_at: datetime | None
    done_at: datetime | None
    outcome: str | None
    cancelled: bool
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """Of the demos of a period: each once, at its last date."""

    booked: int = 0
    held: int = 0
    no_show: int = 0
    cancelled: int = 0
    rescheduled: int = 0

    @property
    def show_rate(self) -> Decimal | None:
        """Held ÷ (held + no-show), to four places; those called off are left out. None: nothing to tell."""
        decided = self.held + self.no_show
        if not decided:
            return None
        return (Decimal(self.held) / decided).quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)


def count(demos: Iterable[Booked]) -> Count:
    """How it went with them. Done without a word is held."""
    booked = list(demos)
    told = [one for one in booked if one.done_at is not None and not one.cancelled]
    no_show = sum(one.outcome == NO_SHOW for one in told)
    return Count(
        booked=len(booked),
        held=len(told) - no_show,
        no_show=no_show,
        cancelled=sum(one.cancelled for one in booked),
        rescheduled=sum(one.moves > 0 for one in booked),
    )
