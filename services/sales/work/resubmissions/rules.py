"""What becomes of a further submission. Pure."""

from datetime import datetime

TITLE = "They wrote again: read it and answer"


def needs_an_answer(
    *, deal_is_open: bool, opened_at: datetime, received_at: datetime, is_asked: bool
) -> bool:
    """Whether somebody has to be told to answer: not of what came before the rep took the lead, which they
    have read with it, and once for all that nobody has answered yet.
    """
    return deal_is_open and received_at > opened_at and not is_asked
