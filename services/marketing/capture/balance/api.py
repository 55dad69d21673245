"""`/v1/submissions/balance`: what was counted at the doors against the rows there are."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from services.marketing.capture.access import BALANCE
from services.marketing.capture.balance import queries, rules
from services.marketing.capture.balance.schemas import BalanceView
from shared.auth.access import Caller
from shared.http.service import Transaction, router

balance = router("/v1/submissions", tags=["submissions"])
Readers = Annotated[Caller, Depends(BALANCE.read)]


@balance.get("/balance")
async def show_balance(
    session: Transaction,
    _: Readers,
    from_: Annotated[date | None, Query(alias="from", description="First day (UTC).")] = None,
    to: Annotated[date | None, Query(description="Day after the last (UTC).")] = None,
) -> BalanceView:
    """The two capture equations: nothing that came in is lost, and everything that is here came in."""
    return BalanceView.model_validate(rules.equations(await queries.counted(session, from_, to)))
