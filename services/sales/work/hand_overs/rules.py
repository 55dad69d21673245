"""What may become of a hand-over that was asked. Pure."""

from typing import Literal

State = Literal["asked", "accepted", "declined", "withdrawn"]


def refusal(state: str, *, deal_is_open: bool, still_theirs: bool) -> str | None:
    """Why the colleague cannot take it (any more); None: they can."""
    if state != "asked":
        return f"It is {state} already."
    if not deal_is_open:
        return "The deal was closed meanwhile; there is nothing to take."
    if not still_theirs:
        return "Somebody else has the deal by now."
    return None
