"""What the lines of a deal's money add up to. Pure; amounts in minor units of the deal's currency."""

from typing import Literal

Kind = Literal["payment", "refund", "chargeback", "void"]
GIVEN_BACK = frozenset({"refund", "chargeback"})


def signed(kind: Kind, amount_minor: int) -> int:
    """By how much a line changes what was collected. A void undoes its payment; of others it has no sign."""
    return amount_minor if kind == "payment" else -amount_minor


def undone(kind: Kind, amount_minor: int) -> int:
    """By how much the void of such a line changes it."""
    return -signed(kind, amount_minor)
