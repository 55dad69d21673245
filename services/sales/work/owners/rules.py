"""Who of several gets which deal. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID


def share_out(deals: Sequence[UUID], to: Sequence[UUID], has: Mapping[UUID, int]) -> dict[UUID, UUID]:
    """Each deal to who has the fewest open ones by then; of those, to who is named first."""
    counts = {rep: has.get(rep, 0) for rep in to}
    shared: dict[UUID, UUID] = {}
    for deal in deals:
        least = min(to, key=lambda rep: counts[rep])
        counts[least] += 1
        shared[deal] = least
    return shared
