"""Who may be taken off a deal, and which parts there are in a decision. Pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

Part = Literal["buyer", "champion", "economic", "technical", "user", "blocker", "legal", "other"]


def fault(before: Sequence[UUID], after: Sequence[UUID], *, of_a_lead: bool) -> str | None:
    """Why these can't be the people on the deal; None: they can. Whose lead it is, stays."""
    if len(set(after)) != len(after):
        return "Somebody is named twice."
    if of_a_lead and before and before[0] not in after:
        return f"{before[0]} is whose lead it is; they stay on the deal."
    return None


def in_order(before: Sequence[UUID], after: Sequence[UUID]) -> list[UUID]:
    """Those there were keep their places, so that whose lead it is stays the first."""
    kept = [one for one in before if one in after]
    return [*kept, *(one for one in after if one not in before)]
