"""What a lead's assignment becomes by the newest that is known of its deal. Pure."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

State = Literal["accepted", "closed", "returned"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted assignment: who has it, and who it was offered to if somebody else."""

    state: State
    rep_id: UUID
    offered_to: UUID | None

    @property
    def busy(self) -> UUID | None:
        """Whose capacity it takes up."""
        return self.rep_id if self.state == "accepted" else None


def follow(assignment: Accepted, *, deal_is_open: bool | None, deal_rep_id: UUID | None) -> Accepted:
    """As its deal is: open or closed, in whose hands. None: nothing is known of that, and it stays.

    What was returned to marketing stays so; whoever has its deal has it all the same.
    """
    accepted_by = assignment.offered_to or assignment.rep_id
    rep_id = deal_rep_id or assignment.rep_id
    state = assignment.state
    if state != "returned" and deal_is_open is not None:
        state = "accepted" if deal_is_open else "closed"
    return Accepted(state, rep_id, None if rep_id == accepted_by else accepted_by)


def forgotten(assignment: Accepted) -> Accepted:
    """As if nothing had ever been said of its deal."""
    state: State = "returned" if assignment.state == "returned" else "accepted"
    return Accepted(state, assignment.offered_to or assignment.rep_id, None)
