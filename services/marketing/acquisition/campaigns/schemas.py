"""What HTTP takes in and shows of channels and campaigns."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.events.envelope import Code
from shared.http.schemas import Amount, CurrencyCode, RequestBody, UtcTime, View, example

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Platform = Literal["google_ads", "meta", "linkedin", "tiktok"]
ExternalIds = dict[Platform, Annotated[list[Text], Field(max_length=100)]]

CHANNEL = {"key": "paid_search", "name": "Paid search", "paid": True}
CAMPAIGN = {
    "name": "Spring launch",
    "channel": "paid_search",
    "utm_campaign": "spring-launch",
    "external_ids": {"google_ads": ["20731234567"]},
    "budget": {"amount": "12000.00", "currency": "EUR"},
    "starts_on": "2026-11-01",
    "ends_on": "2026-12-31",
}
TIMES = {"version": 1, "created_at": "2026-11-23T10:00:00Z"}


class ChannelForm(RequestBody):
    """A way people come to us. Its key is what touches, events and reports name."""

    model_config = example(CHANNEL)

    key: Code
    name: Text
    paid: bool = Field(description="True: money buys the clicks, so the channel has a ROAS.")


class ChannelChange(RequestBody):
    """Only what is given changes."""

    model_config = example({"name": "Search ads"})

    name: Text | None = None
    paid: bool | None = None


class ChannelView(View):
    model_config = example(CHANNEL | TIMES)

    key: str
    name: str
    paid: bool
    version: int
    created_at: UtcTime


class CampaignForm(RequestBody):
    """A new campaign. Touches find it by its id, its utm_campaign or an ad platform's id."""

    model_config = example(CAMPAIGN)

    name: Text
    channel: Code
    utm_campaign: Text | None = Field(default=None, description="Compared without regard to case.")
    external_ids: ExternalIds = Field(default_factory=dict)
    budget: Amount | None = None
    currency: CurrencyCode | None = Field(default=None, description="The budget's, when not given.")
    starts_on: date | None = None
    ends_on: date | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("A campaign can't end before it starts.")
        if self.budget and self.currency and self.budget.currency != self.currency:
            raise ValueError("The budget is in another currency than the campaign.")
        if self.budget and self.budget.minor < 0:
            raise ValueError("A budget can't be negative.")
        return self


class CampaignChange(RequestBody):
    """Only what is given changes; null clears a field that may be empty."""

    model_config = example({"ends_on": "2027-01-31", "budget": {"amount": "15000.00", "currency": "EUR"}})

    name: Text = ""
    channel: Code = ""
    utm_campaign: Text | None = None
    external_ids: ExternalIds = Field(default_factory=dict, description="Replaces all of them.")
    budget: Amount | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @model_validator(mode="after")
    def _is_no_debt(self) -> Self:
        if self.budget and self.budget.minor < 0:
            raise ValueError("A budget can't be negative.")
        return self


class CampaignView(View):
    model_config = example({"id": "01995d3e-0000-7000-8000-00000000c0de"} | CAMPAIGN | TIMES)

    id: UUID
    name: str
    channel: str
    utm_campaign: str | None
    external_ids: dict[str, list[str]]
    budget: Amount | None
    currency: str
    starts_on: date | None
    ends_on: date | None
    version: int
    created_at: UtcTime
