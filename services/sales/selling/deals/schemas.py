"""What HTTP takes in and shows of deals."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from services.sales.reference.rates.schemas import RateText
from services.sales.schemas import Price, Text
from services.sales.selling.deals.rules import PaymentState
from shared.events.envelope import Code
from shared.http.schemas import Amount, RequestBody, UtcTime, View, example

State = Literal["open", "won", "lost", "disqualified"]
Backdated = Field(
    default=None,
    description="When it really happened, for entering the past: managers, finance and admins only.",
)

DEAL: dict[str, Any] = {
    "id": "01937a5e-0d5c-7c1e-9a55-3f0f5f1c2b10",
    "origin": "lead",
    "lead_id": "01937a5e-0001-7aaa-8bbb-000000000001",
    "cycle": 1,
    "contact_ids": ["01937a5e-0002-7aaa-8bbb-000000000002"],
    "contact_roles": {"01937a5e-0002-7aaa-8bbb-000000000002": "champion"},
    "company_id": "01937a5e-0003-7aaa-8bbb-000000000003",
    "company_name": "Northwind GmbH",
    "rep_id": "01937a5e-0004-7aaa-8bbb-000000000004",
    "team_id": "01937a5e-0005-7aaa-8bbb-000000000005",
    "sourced_by": "01937a5e-0004-7aaa-8bbb-000000000004",
    "title": "Reporting for the plant in Leeds",
    "tags": ["framework"],
    "pipeline_id": "00000000-0000-7000-8000-0000000000a1",
    "stage": "proposal",
    "stage_since": "2026-11-20T09:30:00Z",
    "state": "won",
    "opened_at": "2026-11-02T08:00:00Z",
    "qualified_at": "2026-11-04T15:00:00Z",
    "opportunity_at": "2026-11-04T15:00:00Z",
    "expected_close_on": "2026-11-30",
    "close_pushes": 1,
    "amount": {"amount": "12000.00", "currency": "USD"},
    "gross": {"amount": "14280.00", "currency": "USD"},
    "refunded": {"amount": "0.00", "currency": "USD"},
    "collected": {"amount": "12000.00", "currency": "USD"},
    "payment": "underpaid",
    "balance": {"amount": "2280.00", "currency": "USD"},
    "closed_on": "2026-11-23",
    "closed_at": "2026-11-23T10:00:00Z",
    "reason": None,
    "competitor": None,
    "rate": "0.9215",
    "withdrawn_at": None,
    "reporting_amount": {"amount": "11058.00", "currency": "EUR"},
    "version": 5,
}


Tags = Annotated[list[Code], Field(max_length=20)]
Why = Annotated[Text | None, Field(description="Shown with the change; a sentence of your own.")]


class DealForm(RequestBody):
    """A deal found by prospecting, without a lead. A rep opens their own; others name the rep."""

    model_config = example(
        contact_ids=DEAL["contact_ids"],
        company_name="Northwind GmbH",
        amount={"amount": "12000.00", "currency": "USD"},
        expected_close_on="2026-11-30",
    )

    contact_ids: list[UUID] = Field(default_factory=list, max_length=20, description="Contacts of marketing.")
    company_id: UUID | None = None
    company_name: Text | None = None
    rep_id: UUID | None = Field(default=None, description="Left out by a rep: themselves.")
    pipeline_id: UUID | None = Field(default=None, description="Left out: the default pipeline.")
    title: Text | None = None
    tags: Tags = Field(default_factory=list)
    amount: Price | None = None
    expected_close_on: date | None = None
    occurred_at: UtcTime | None = Backdated


class DealChange(RequestBody):
    """Only what is given changes."""

    model_config = example(
        amount={"amount": "15000.00", "currency": "USD"},
        expected_close_on="2026-12-15",
        why="They need the board's yes first.",
    )

    title: Text | None = Field(default=None, description="null clears it.")
    tags: Tags | None = Field(default=None, description="All of them: what is left out is taken off.")

    amount: Price | None = Field(default=None, description="Contract value, net of tax.")
    gross: Price | None = Field(default=None, description="What is invoiced, tax and all; null: not known.")
    expected_close_on: date | None = Field(default=None, description="null clears it.")
    why: Why = None


class StageMove(RequestBody):
    """The stage to move to, by its key."""

    model_config = example(stage="proposal")

    stage: Code
    occurred_at: UtcTime | None = Backdated
    why: Why = None


class DealView(View):
    """A deal. `amount` is the contract's value; what it earns is that less `refunded`."""

    model_config = example(**DEAL)

    id: UUID
    origin: Literal["lead", "prospecting"]
    lead_id: UUID | None
    cycle: int | None
    contact_ids: list[UUID] = Field(description="Of a lead's deal the first is whose lead it is.")
    contact_roles: dict[UUID, str] = Field(description="Their parts in the decision, where known.")
    company_id: UUID | None
    company_name: str | None
    rep_id: UUID
    team_id: UUID | None
    sourced_by: UUID | None = Field(description="The rep who brought it; stays when it is handed over.")
    title: str | None
    tags: list[str]
    pipeline_id: UUID
    stage: str
    stage_since: UtcTime
    state: State
    opened_at: UtcTime
    qualified_at: UtcTime | None = Field(description="When it first entered a stage that qualifies its lead.")
    opportunity_at: UtcTime | None
    expected_close_on: date | None
    close_pushes: int = Field(description="How often the expected close was put off to a later day.")
    amount: Amount
    gross: Amount | None = Field(description="What is invoiced, tax and all; null: not known.")
    refunded: Amount
    collected: Amount
    payment: PaymentState | None = Field(description="null: nothing is due yet, or ever.")
    balance: Amount = Field(description="What is still due, gross if that is known; below 0: overpaid.")
    closed_on: date | None
    closed_at: UtcTime | None
    reason: str | None
    competitor: str | None
    rate: RateText | None = Field(description="Frozen when the deal was won.")
    reporting_amount: Amount | None = Field(
        description="What it earns, in the reporting currency; null unless won."
    )
    withdrawn_at: UtcTime | None = Field(
        default=None,
        description="When marketing took its lead back; one that was worked goes on all the same.",
    )
    version: int = Field(description="Counts the facts told about the deal.")


class HistoryLine(View):
    """One fact about a deal; `seconds` is the time in the stage it left."""

    model_config = example(
        version=2,
        fact="stage_changed",
        from_state="open",
        to_state="open",
        from_stage="new",
        to_stage="discovery",
        seconds=198000,
        reason=None,
        by="rep-ana",
        occurred_at="2026-11-04T15:00:00Z",
        recorded_at="2026-11-04T15:00:00Z",
    )

    version: int
    fact: str
    from_state: State
    to_state: State
    from_stage: str
    to_stage: str
    seconds: int
    reason: str | None
    by: str
    occurred_at: UtcTime
    recorded_at: UtcTime


class ChangeLine(View):
    """One field that became something else. Amounts have amount and currency, all else is as shown."""

    model_config = example(
        field="expected_close_on",
        before="2026-11-30",
        after="2026-12-15",
        why="They need the board's yes first.",
        by="rep-ana",
        occurred_at="2026-11-24T15:00:00Z",
        recorded_at="2026-11-24T15:00:00Z",
    )

    field: str
    before: Any
    after: Any
    why: str | None
    by: str
    occurred_at: UtcTime
    recorded_at: UtcTime

    @field_validator("before", "after")
    @classmethod
    def show_money(cls, value: Any) -> Any:
        """Kept in minor units, shown like every amount."""
        is_money = isinstance(value, dict) and "minor" in value
        return Amount.of(value["minor"], value["currency"]).model_dump() if is_money else value
