"""What the lines of a deal's money add up to. Pure; amounts in minor units of the deal's currency."""

from typing import Literal

Kind = Literal["payment", "refund", "chargeback", "void"]


def signed(kind: Kind, amount_minor: int) -> int:
    """By how much a line changes what was collected. Its void changes it by as much the other way."""
    return amount_minor if kind == "payment" else -amount_minor
