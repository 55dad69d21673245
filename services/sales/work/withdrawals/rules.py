"""Whether anybody has worked a deal. Pure."""

from typing import NamedTuple
from uuid import UUID


class OfCycle(NamedTuple):
    """A lead in one of its cycles."""

    lead_id: UUID
    cycle: int


def is_untouched(*, revision: int, has_activities: bool) -> bool:
    """Nobody has moved, edited, closed or been paid for it, or noted anything: it is as it was opened.

    Each change of a deal's row counts its `revision` up.
    """
    return revision == 1 and not has_activities
