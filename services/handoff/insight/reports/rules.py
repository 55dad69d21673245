"""Speed-to-lead: medians and percentiles that count the unanswered, too. Pure.

An unanswered lead is a censored observation: we know it took at least so long. Leaving it out
would make the slowest look fast. Kaplan and Meier, "Nonparametric estimation from incomplete
observations", J. Amer. Statist. Assn. 53 (1958).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

Observation = tuple[float, bool]  # seconds, and whether it ended then (False: it lasted at least so long)

WITHIN = {"5_min": timedelta(minutes=5), "1_h": timedelta(hours=1), "24_h": timedelta(hours=24)}
SEGMENTS = (
    "receipt_to_qualified",
    "qualified_to_assigned",
    "assigned_to_accepted",
    "accepted_to_response",
    "receipt_to_response",
)
# The product of many steps is off by some ulps; a quantile reached exactly must not be missed for them.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Clocks:
    """The moments of one lead in one cycle. `ended_at` stops the watch on what did not happen by then."""

    received_at: datetime
    qualified_at: datetime
    assigned_at: datetime | None
    accepted_at: datetime | None
    responded_at: datetime | None
    ended_at: datetime | None


def quantile(observations: Iterable[Observation], share: float) -> float | None:
    """The time by which this share was over; None when too few were, to say so.

    The least time at which the Kaplan-Meier survival is at most 1 - share.
    """
    ordered: list[Observation] = sorted(observations)
    at_risk, survival = len(ordered), 1.0
    for seconds, tied in groupby(ordered, key=_seconds):
        over = [ended for _, ended in tied]
        survival *= 1 - sum(over) / at_risk
        if survival <= 1 - share + ROUNDING:
            return seconds
        at_risk -= len(over)
    return None


def _seconds(observation: Observation) -> float:
    return observation[0]


def segments(clocks: Clocks, now: datetime) -> dict[str, Observation]:
    """How long each part of the way took, as far as the lead came."""
    watched_until = clocks.ended_at or now
    steps = {
        "receipt_to_qualified": (clocks.received_at, clocks.qualified_at),
        "qualified_to_assigned": (clocks.qualified_at, clocks.assigned_at),
        "assigned_to_accepted": (clocks.assigned_at, clocks.accepted_at),
        "accepted_to_response": (clocks.accepted_at, clocks.responded_at),
        "receipt_to_response": (clocks.received_at, clocks.responded_at),
    }
    return {
        name: (max(0.0, ((end or watched_until) - begin).total_seconds()), end is not None)
        for name, (begin, end) in steps.items()
        if begin is not None
    }


def answered_within(all_clocks: Sequence[Clocks]) -> dict[str, int]:
    """How many leads had their first response in time; the rest, answered or not, did not."""
    took = [each.responded_at - each.received_at for each in all_clocks if each.responded_at is not None]
    return {name: sum(time <= limit for time in took) for name, limit in WITHIN.items()}
