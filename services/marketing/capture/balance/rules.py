"""The two capture equations: what was counted at the doors against the rows there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.marketing.capture.deliveries.rules import DELIVERY_STATES
from services.marketing.capture.submissions.rules import SUBMISSION_STATES

Counted = tuple[str, date, str, str, int]  # of what, day, door, state (or what was tallied), how many


def equations(counted: Iterable[Counted]) -> Mapping[str, Any]:
    """Both equations by door and day, and in all, as `BalanceView` shows them."""
    lines: dict[tuple[date, str], Counter[str]] = {}
    total: Counter[str] = Counter()
    for kind, day, door, state, count in counted:
        lines.setdefault((day, door), Counter())[f"{kind}.{state}"] += count
        total[f"{kind}.{state}"] += count
    by_day = [{"day": day, "door": door, **_both(found)} for (day, door), found in sorted(lines.items())]
    # Day by day, so that a loss here can't be hidden by a double there.
    holds = all(line["deliveries"]["holds"] and line["submissions"]["holds"] for line in by_day)
    return {"holds": holds, **_both(total), "by_day": by_day}


def _both(found: Mapping[str, int]) -> dict[str, Any]:
    return {
        "deliveries": deliveries(found),
        "submissions": submissions(found),
        "refused": found["refused.all"],
        "repeats_with_another_body": found["tally.changed"] + found["refused.key_reused"],
    }


def deliveries(found: Mapping[str, int]) -> dict[str, int]:
    """received = the sum of the states."""
    states = {state: found[f"delivery.{state}"] for state in DELIVERY_STATES}
    received = found["tally.deliveries"]
    return {"received": received, "holds": received == sum(states.values()), **states}


def submissions(found: Mapping[str, int]) -> dict[str, int]:
    """made = the sum of the states."""
    states = {state: found[f"submission.{state}"] for state in SUBMISSION_STATES}
    made = found["tally.submissions"]
    return {"made": made, "holds": made == sum(states.values()), **states}
