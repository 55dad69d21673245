"""The set-based writes of the copy of deals. Each takes a deal only as a newer version than the copy's."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.marketing.funnel.deals.tables import Deal
from shared.database import bulk
from shared.events.sales import (
    DealAmended,
    DealClosed,
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
    DealStageChanged,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDeal:
    """A deal as a move between stages describes it."""

    deal_id: UUID
    version: int
    lead_id: UUID | None
    cycle: int | None
    stage: str
    amount_minor: int
    currency: str
    opportunity_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedDeal:
    """A deal as a change of its owner, or of who is on it, describes it."""

    deal_id: UUID
    version: int
    lead_id: UUID | None
    cycle: int | None
    contact_ids: tuple[UUID, ...]
    rep_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDealRow:
    """A deal as its close, or what came after, describes it."""

    deal_id: UUID
    version: int
    lead_id: UUID | None
    cycle: int | None
    contact_ids: tuple[UUID, ...]
    company_id: UUID | None
    origin: str
    rep_id: UUID | None
    outcome: str | None
    reason: str | None
    amount_minor: int
    currency: str
    reporting_amount_minor: int
    reporting_currency: str
    refunded_minor: int
    closed_on: date
    closed_at: datetime


NEWER = "t.version < excluded.version"
CYCLE = ("lead_id", "cycle")  # a deal's never changes
OPEN = bulk.insert(
    Deal,
    DealOpened,
    only=(
        "deal_id", "version", "lead_id", "cycle", "contact_ids", "company_id", "origin", "rep_id", "stage",
        "amount_minor", "currency", "opened_at",
    ),
    constants=("updated_at",),
    on_conflict=bulk.replace("deal_id", keeps=CYCLE, where=NEWER),
    returning=("deal_id",),
)  # fmt: skip
MOVE = bulk.insert(
    Deal,
    MovedDeal,
    constants=("updated_at",),
    on_conflict=bulk.replace(
        "deal_id",
        keeps=CYCLE,
        where=NEWER,
        opportunity_at="coalesce(t.opportunity_at, excluded.opportunity_at)",
    ),
    returning=("deal_id",),
)
# What it is worth was told before, and is no news.
OWN = bulk.insert(
    Deal,
    OwnedDeal,
    constants=("updated_at",),
    on_conflict=bulk.replace("deal_id", keeps=(*CYCLE, "amount_minor", "currency"), where=NEWER),
    returning=("deal_id",),
)
COPY_CLOSED = bulk.insert(
    Deal,
    ClosedDealRow,
    constants=("updated_at",),
    on_conflict=bulk.replace(
        "deal_id", keeps=CYCLE, where=NEWER, reason="coalesce(excluded.reason, t.reason)"
    ),
    returning=("deal_id", "outcome", "reporting_currency", "closed_on", "reporting_amount_minor"),
)
# One statement: the deals, and by how much that changes the sums of their days. Before and after are both
# there: a CTE that reads sees the deals as they were when the statement began.
CLOSE = bulk.Statement(
    f"""
WITH before AS (
    SELECT deal_id, outcome, reporting_currency AS currency, closed_on AS day,
           reporting_amount_minor AS amount
    FROM deals WHERE deal_id = ANY({{ids}})
), copied AS (
{COPY_CLOSED.template}
), after AS (
    SELECT deal_id, outcome, reporting_currency AS currency, closed_on AS day,
           reporting_amount_minor AS amount
    FROM copied
), changes AS (
    SELECT currency, day, 1 AS deals, amount FROM after WHERE outcome = 'won'
    UNION ALL
    SELECT b.currency, b.day, -1, -b.amount FROM before b JOIN after USING (deal_id) WHERE b.outcome = 'won'
), summed AS (
    INSERT INTO deal_days AS s (currency, day, deals, amount_minor)
    SELECT currency, day, sum(deals), sum(amount) FROM changes GROUP BY currency, day
    HAVING sum(deals) <> 0 OR sum(amount) <> 0
    ON CONFLICT (currency, day) DO UPDATE
    SET deals = s.deals + excluded.deals, amount_minor = s.amount_minor + excluded.amount_minor
)
SELECT deal_id FROM after
""",
    rows=COPY_CLOSED.rows,
    ids="uuid[]",
    **COPY_CLOSED.constants,
)

FORGET = """
WITH gone AS (
    DELETE FROM deals WHERE deal_id = ANY($1::uuid[])
    RETURNING lead_id, cycle, outcome, reporting_currency AS currency, closed_on AS day,
              reporting_amount_minor AS amount
), changes AS (
    SELECT currency, day, count(*) AS deals, sum(amount) AS amount FROM gone
    WHERE outcome = 'won' GROUP BY currency, day
), summed AS (
    UPDATE deal_days AS s SET deals = s.deals - c.deals, amount_minor = s.amount_minor - c.amount
    FROM changes c WHERE s.currency = c.currency AND s.day = c.day
)
SELECT lead_id, cycle FROM gone WHERE lead_id IS NOT NULL AND cycle IS NOT NULL
"""


def moved_row(event: DealStageChanged) -> MovedDeal:
    return MovedDeal(
        deal_id=event.deal_id,
        version=event.version,
        lead_id=event.lead_id,
        cycle=event.cycle,
        stage=event.to_stage,
        amount_minor=event.amount_minor,
        currency=event.currency,
        opportunity_at=event.changed_at if event.became_opportunity else None,
    )


def owned_row(event: DealOwnerChanged | DealContactsChanged) -> OwnedDeal:
    return OwnedDeal(
        deal_id=event.deal_id,
        version=event.version,
        lead_id=event.lead_id,
        cycle=event.cycle,
        contact_ids=event.contact_ids,
        rep_id=event.rep_id,
        amount_minor=event.amount_minor,
        currency=event.currency,
    )


def closed_row(event: DealClosed | DealAmended) -> ClosedDealRow:
    return ClosedDealRow(
        deal_id=event.deal_id,
        version=event.version,
        lead_id=event.lead_id,
        cycle=event.cycle,
        contact_ids=event.contact_ids,
        company_id=event.company_id,
        origin=event.origin,
        rep_id=event.rep_id,
        outcome=event.outcome,
        reason=event.reason if isinstance(event, DealClosed) else None,
        amount_minor=event.amount_minor,
        currency=event.currency,
        reporting_amount_minor=event.reporting_amount_minor,
        reporting_currency=event.reporting_currency,
        refunded_minor=event.refunded_minor if isinstance(event, DealAmended) else 0,
        closed_on=event.closed_on,
        closed_at=event.closed_at,
    )
