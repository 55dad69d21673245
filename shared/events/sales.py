"""Facts published by sales. Any service may read this file; only sales raises these."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.envelope import Code, Currency, Day, Event, Minor, Rate

Outcome = Literal["won", "lost", "disqualified"]


class DealFact(Event):
    """A fact about one deal: keyed by it, so that all facts of a deal stay in order."""

    topic: ClassVar[str] = "sales.deals"

    deal_id: UUID
    lead_id: UUID | None = Field(default=None, description="None: opened by a rep without a lead.")
    cycle: int | None = Field(default=None, ge=1)

    @property
    def key(self) -> str:
        return str(self.deal_id)


class DealOpened(DealFact):
    """A deal exists. It counts as an opportunity only from its first stage that counts as pipeline."""

    type: ClassVar[str] = "leadloop.sales.deal_opened.v1"

    origin: Literal["lead", "prospecting"]
    contact_ids: tuple[UUID, ...] = ()
    company_id: UUID | None = None
    rep_id: UUID
    team_id: UUID | None = None
    sourced_by: UUID | None = Field(default=None, description="The rep who brought it, for ever.")
    pipeline_id: UUID
    stage: Code
    amount_minor: Minor
    currency: Currency
    opened_at: AwareDatetime


class DealStageChanged(DealFact):
    """A deal moved to another stage."""

    type: ClassVar[str] = "leadloop.sales.deal_stage_changed.v1"

    from_stage: Code
    to_stage: Code
    probability: int = Field(ge=0, le=100, description="Percent.")
    counts_as_pipeline: bool
    became_qualified: bool | None = Field(
        default=None,
        description="True the first time a stage qualifies the lead: it is an SQL. null: from before.",
    )
    became_opportunity: bool = Field(description="True the first time a stage counts as pipeline.")
    amount_minor: Minor
    currency: Currency
    changed_at: AwareDatetime


class DealContactsChanged(DealFact):
    """Who is on an open deal from now on: all of them."""

    type: ClassVar[str] = "leadloop.sales.deal_contacts_changed.v1"

    contact_ids: tuple[UUID, ...] = ()
    roles: dict[UUID, Code] = Field(default_factory=dict, description="Parts in the decision, where known.")
    company_id: UUID | None = None
    rep_id: UUID
    amount_minor: Minor
    currency: Currency
    changed_at: AwareDatetime


class DealOwnerChanged(DealFact):
    """A deal is in another rep's hands from now on, with everybody on it."""

    type: ClassVar[str] = "leadloop.sales.deal_owner_changed.v1"

    contact_ids: tuple[UUID, ...] = ()
    from_rep_id: UUID
    from_team_id: UUID | None = None
    rep_id: UUID
    team_id: UUID | None = None
    outcome: Outcome | None = Field(default=None, description="None while the deal is open.")
    amount_minor: Minor
    currency: Currency
    changed_at: AwareDatetime


class ClosedAmounts(DealFact):
    """What a closed deal is worth, in its own and in the reporting currency, at a frozen rate."""

    contact_ids: tuple[UUID, ...] = ()
    company_id: UUID | None = None
    origin: Literal["lead", "prospecting"]
    amount_minor: Minor = Field(description="Contract value net of tax, refunds taken off. 0 unless won.")
    currency: Currency
    reporting_amount_minor: Minor
    reporting_currency: Currency
    rate: Rate = Field(description="Reporting currency per unit of the deal's currency, frozen at the close.")
    closed_on: Day
    closed_at: AwareDatetime
    sourced_by: UUID | None = Field(default=None, description="The rep who brought it, for ever.")


class DealClosed(ClosedAmounts):
    """A deal was won, lost or disqualified. `version` numbers the state the amounts belong to."""

    type: ClassVar[str] = "leadloop.sales.deal_closed.v1"

    rep_id: UUID
    outcome: Outcome
    reason: Code | None = None


class DealAmended(ClosedAmounts):
    """A closed deal was corrected. The amounts are the new state, not the difference."""

    type: ClassVar[str] = "leadloop.sales.deal_amended.v1"

    rep_id: UUID
    cause: Literal["amended", "refunded", "reopened"]
    outcome: Outcome | None = Field(
        description="None: open again, so it earns nothing until it closes again."
    )
    refunded_minor: Minor = Field(default=0, description="Net refunds so far, in the deal's currency.")
    amended_at: AwareDatetime


class ActivityLogged(Event):
    """Something happened between a rep and a customer; a later version corrects what was told."""

    type: ClassVar[str] = "leadloop.sales.activity_logged.v1"
    topic: ClassVar[str] = "sales.activities"

    activity_id: UUID
    deal_id: UUID | None = None
    lead_id: UUID | None = Field(default=None, description="The lead its deal was opened for, if one was.")
    cycle: int | None = Field(default=None, ge=1)
    contact_ids: tuple[UUID, ...] = ()
    rep_id: UUID | None = Field(default=None, description="Who did it.")
    kind: Code = Field(description="call, email, message, meeting, demo, presentation, follow_up.")
    direction: Code | None = Field(default=None, description="inbound or outbound: who began it.")
    by_human: bool = Field(default=True, description="False: a program did it, which stops no clock.")
    outcome: Code | None = None
    occurred_at: AwareDatetime
    cancelled: bool = Field(default=False, description="It did not happen after all.")

    @property
    def key(self) -> str:
        return str(self.activity_id)


class ExchangeRateSet(Event):
    """One unit of `base` is worth `rate` units of `quote` from `valid_on` on."""

    type: ClassVar[str] = "leadloop.sales.exchange_rate_set.v1"
    topic: ClassVar[str] = "sales.rates"

    base: Currency
    quote: Currency
    valid_on: Day
    rate: Rate
    set_at: AwareDatetime

    @property
    def key(self) -> str:
        return f"{self.base}:{self.quote}"
