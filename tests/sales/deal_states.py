"""Deals as the rules see them."""

from datetime import timedelta

from services.sales.selling.deals.rules import DealState
from tests.support.samples import NOON


def open_deal() -> DealState:
    """Just opened, before the pipeline, without an amount."""
    return DealState(
        state="open",
        stage="new",
        stage_since=NOON - timedelta(days=1),
        qualified_at=None,
        opportunity_at=None,
        currency="EUR",
        amount_minor=0,
        refunded_minor=0,
        collected_minor=0,
        closed_on=None,
        closed_at=None,
        reason=None,
        competitor=None,
        rate=None,
        reporting_currency=None,
        reporting_minor=0,
        version=1,
    )
