"""The two capture equations: what was counted at the doors against the rows there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from services.marketing.capture.balance.schemas import (
    BalanceLine,
    BalanceView,
    DeliveryEquation,
    SubmissionEquation,
)
from services.marketing.capture.submissions.rules import DELIVERY_STATES, SUBMISSION_STATES

Counted = tuple[str, date, str, str, int]  # of what, day, door, state (or what was tallied), how many


def equations(counted: Iterable[Counted]) -> BalanceView:
    """Both equations by door and day, and in all."""
    lines: dict[tuple[date, str], Counter[str]] = {}
    total: Counter[str] = Counter()
    for kind, day, door, state, count in counted:
        lines.setdefault((day, door), Counter())[f"{kind}.{state}"] += count
        total[f"{kind}.{state}"] += count
    by_day = [
        BalanceLine.model_validate(
            {
                "day": day,
                "door": door,
                "deliveries": deliveries(found),
                "submissions": submissions(found),
                "refused": found["refused.all"],
            }
        )
        for (day, door), found in sorted(lines.items())
    ]
    return BalanceView(
        # Day by day, so that a loss here can't be hidden by a double there.
        holds=all(line.deliveries.holds and line.submissions.holds for line in by_day),
        deliveries=deliveries(total),
        submissions=submissions(total),
        refused=total["refused.all"],
        by_day=by_day,
    )


def deliveries(found: Mapping[str, int]) -> DeliveryEquation:
    states = {state: found[f"delivery.{state}"] for state in DELIVERY_STATES}
    received = found["tally.deliveries"]
    return DeliveryEquation(received=received, holds=received == sum(states.values()), **states)


def submissions(found: Mapping[str, int]) -> SubmissionEquation:
    states = {state: found[f"submission.{state}"] for state in SUBMISSION_STATES}
    made = found["tally.submissions"]
    return SubmissionEquation(made=made, holds=made == sum(states.values()), **states)
