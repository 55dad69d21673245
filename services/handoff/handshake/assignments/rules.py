"""The handshake: what may be done with an offer in which state, and which reasons there are. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

State = Literal["offered", "accepted", "declined", "expired", "returned", "closed"]
PoolState = Literal["pool", "held"]


class DeclineReason(StrEnum):
    """Why a rep says no. `busy` costs the turn; the others are the lead's fault and give it back."""

    BUSY = "busy"
    DUPLICATE = "duplicate"
    NOT_A_FIT = "not_a_fit"
    WRONG_TERRITORY = "wrong_territory"
    CONFLICT_OF_INTEREST = "conflict_of_interest"


class ReturnReason(StrEnum):
    """Why a rep gives back a lead they had accepted."""

    UNREACHABLE = "unreachable"
    NO_NEED = "no_need"
    NO_BUDGET = "no_budget"
    WRONG_TIMING = "wrong_timing"
    NOT_A_FIT = "not_a_fit"
    DUPLICATE = "duplicate"
    WRONG_CONTACT_DATA = "wrong_contact_data"


class Channel(StrEnum):
    """How the rep reached out."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    MESSAGE = "message"


WITHDRAWN = "withdrawn"  # why an offer was closed
CREDITED_DECLINES = frozenset(DeclineReason) - {DeclineReason.BUSY}
CREDITED_RETURNS = frozenset({ReturnReason.DUPLICATE, ReturnReason.WRONG_CONTACT_DATA})


def state_at(state: str, answer_by: datetime, now: datetime) -> str:
    """An offer past its deadline has expired, whether or not the timer came by yet."""
    return "expired" if state == "offered" and now >= answer_by else state


def refusal(state: str, wanted: str, needed: str, reason: str | None = None) -> str | None:
    """Why the assignment can't become `wanted`, naming both states; None when it can."""
    if state == needed:
        return None
    if state == "closed" and reason == WITHDRAWN:
        return f"Marketing has taken the lead back, so the assignment can't become {wanted}; it was no lead."
    return f"The assignment is {state}, so it can't become {wanted}; only one that is {needed} can."
