"""Every equation there is, in the order of a lead's way. To add one, write it in the file of its subject."""

from deploy.ops.reconcile.equations import (
    capture,
    events,
    holds,
    leads,
    money,
    payments,
    waiting,
    withdrawals,
    work,
)
from deploy.ops.reconcile.equations.shape import Equation, Side, Since, Way

EQUATIONS: tuple[Equation, ...] = (
    *capture.EQUATIONS,
    *leads.EQUATIONS,
    *holds.EQUATIONS,
    *withdrawals.EQUATIONS,
    *work.EQUATIONS,
    *money.EQUATIONS,
    *payments.EQUATIONS,
    *events.EQUATIONS,
    *waiting.EQUATIONS,
)

__all__ = ["EQUATIONS", "Equation", "Side", "Since", "Way"]
