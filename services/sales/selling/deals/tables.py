"""Deals, and the facts that make up their history."""

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from services.sales.base import Base
from services.sales.selling.deals.rules import DealState, PaymentState, due_minor, payment_state
from shared.http.schemas import Amount

MOMENT = DateTime(timezone=True)


class Deal(Base):
    """Something we may earn. One per lead and cycle, or opened by a rep without a lead.

    `version` counts the facts told about the deal, `revision` every change of the row (the ETag).
    Amounts are net of tax, in minor units of `currency`; `gross_minor` is what is invoiced, tax and all, if
    that is known, and `collected_minor` what was paid and not paid back. `rep_id` may name a rep whose own
    facts have not arrived yet, so it is no foreign key. `sourced_by` is who brought it, for ever; a closed
    deal's result is `closed_rep_id`'s and `closed_team_id`'s, whoever has it since (null: as yet its rep's).
    """

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("lead_id", "cycle"),
        CheckConstraint("(lead_id IS NULL) = (cycle IS NULL)", name="lead_and_cycle"),
        CheckConstraint("gross_minor >= amount_minor", name="taxes_on_top"),
        CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunds_within_amount"),
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_has_date"),
        CheckConstraint("state <> 'won' OR rate IS NOT NULL", name="won_has_rate"),
        Index("ix_deals_rep_id", "rep_id", "id"),
        Index("ix_deals_closed_on", "closed_on", postgresql_where=text("closed_on IS NOT NULL")),
        Index("ix_deals_company_id", "company_id", postgresql_where=text("state = 'open'")),
        Index("ix_deals_open", "pipeline_id", "stage", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(20))
    lead_id: Mapped[UUID | None]
    cycle: Mapped[int | None]
    contact_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    # by contact id: their part in the decision, of those of whom it is known
    contact_roles: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    company_id: Mapped[UUID | None]
    company_name: Mapped[str | None]
    country: Mapped[str | None]
    source: Mapped[str | None]
    campaign_id: Mapped[UUID | None]
    rep_id: Mapped[UUID]
    team_id: Mapped[UUID | None]
    sourced_by: Mapped[UUID | None]
    closed_rep_id: Mapped[UUID | None]
    closed_team_id: Mapped[UUID | None]
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipelines.id"))
    opened_at: Mapped[datetime] = mapped_column(MOMENT)
    title: Mapped[str | None] = mapped_column(String(200))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(80)), server_default=text("'{}'"))
    expected_close_on: Mapped[date | None]
    # how often it was put off to a later day
    close_pushes: Mapped[int] = mapped_column(SmallInteger, server_default="0")

    state: Mapped[str] = mapped_column(String(20), server_default="open")
    stage: Mapped[str] = mapped_column(String(40))
    stage_since: Mapped[datetime] = mapped_column(MOMENT)
    qualified_at: Mapped[datetime | None] = mapped_column(MOMENT)
    opportunity_at: Mapped[datetime | None] = mapped_column(MOMENT)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    gross_minor: Mapped[int | None] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    collected_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    reason: Mapped[str | None] = mapped_column(String(80))
    competitor: Mapped[str | None] = mapped_column(String(80))
    rate: Mapped[Decimal | None] = mapped_column(Numeric(24, 12))
    reporting_currency: Mapped[str | None] = mapped_column(String(3))
    reporting_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")

    # When marketing took its lead back; a deal that somebody had worked goes on all the same.
    withdrawn_at: Mapped[datetime | None] = mapped_column(MOMENT)

    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    revision: Mapped[int] = mapped_column(BigInteger, server_default="1")
    recorded_at: Mapped[datetime] = mapped_column(MOMENT, server_default=text("now()"))

    @hybrid_property
    def credited_rep_id(self) -> UUID:
        """Whose result it is: who had it at the close; until then, who has it."""
        return self.closed_rep_id or self.rep_id

    @credited_rep_id.inplace.expression
    @classmethod
    def _credited_rep_id(cls) -> ColumnElement[UUID]:
        return func.coalesce(cls.closed_rep_id, cls.rep_id)

    @property
    def amount(self) -> Amount:
        """The contract's value, as shown."""
        return Amount.of(self.amount_minor, self.currency)

    @property
    def gross(self) -> Amount | None:
        """What is invoiced, tax and all."""
        return None if self.gross_minor is None else Amount.of(self.gross_minor, self.currency)

    @property
    def balance(self) -> Amount:
        """What is still due; below 0 when more was paid."""
        due = due_minor(self.state, self.amount_minor, self.refunded_minor, self.gross_minor)
        return Amount.of(due - self.collected_minor, self.currency)

    @property
    def payment(self) -> PaymentState | None:
        return payment_state(
            self.state, self.amount_minor, self.refunded_minor, self.gross_minor, self.collected_minor
        )

    @property
    def refunded(self) -> Amount:
        return Amount.of(self.refunded_minor, self.currency)

    @property
    def collected(self) -> Amount:
        return Amount.of(self.collected_minor, self.currency)

    @property
    def reporting_amount(self) -> Amount | None:
        """What it earns, as shown; None unless won."""
        if self.reporting_currency is None:
            return None
        return Amount.of(self.reporting_minor, self.reporting_currency)

    @property
    def tracked(self) -> dict[str, Any]:
        """What each change of is a line of its own, by field, as JSON."""
        closes = self.expected_close_on
        return {
            "title": self.title,
            "tags": sorted(self.tags or ()),
            "amount": self._money(self.amount_minor),
            "gross": None if self.gross_minor is None else self._money(self.gross_minor),
            "refunded": self._money(self.refunded_minor),
            "collected": self._money(self.collected_minor),
            "expected_close_on": closes.isoformat() if closes else None,
            "rep_id": str(self.rep_id),
            "contacts": [
                {"contact_id": str(one), "role": (self.contact_roles or {}).get(str(one))}
                for one in self.contact_ids
            ],
            "stage": self.stage,
            "state": self.state,
            "reason": self.reason,
            "competitor": self.competitor,
        }

    def _money(self, minor: int) -> dict[str, Any]:
        return {"minor": minor, "currency": self.currency}

    @property
    def deal_state(self) -> DealState:
        """The part of the deal that the rules decide about."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(DealState)}
        return DealState(**values)

    @deal_state.setter
    def deal_state(self, deal_state: DealState) -> None:
        if (deal_state.amount_minor, deal_state.currency) != (self.amount_minor, self.currency):
            self.gross_minor = None  # the tax on another amount is not known
        for field in fields(DealState):
            setattr(self, field.name, getattr(deal_state, field.name))


class DealFactRecord(Base):
    """One line of a deal's history, for each fact told about it: what, from where, how long, who."""

    __tablename__ = "deal_history"

    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fact: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    from_stage: Mapped[str] = mapped_column(String(40))
    to_stage: Mapped[str] = mapped_column(String(40))
    seconds: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    reporting_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(80))
    by: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    recorded_at: Mapped[datetime] = mapped_column(MOMENT, server_default=text("now()"))


class DealChangeRecord(Base):
    """One field of a deal that became something else: from what, to what, by whom, when and why.

    Amounts are `{"minor", "currency"}`. `why` may name a person: it stays here.
    """

    __tablename__ = "deal_changes"
    __table_args__ = (Index("ix_deal_changes_deal_id", "deal_id", "recorded_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deals.id"))
    field: Mapped[str] = mapped_column(String(40))
    before: Mapped[Any] = mapped_column(JSONB)
    after: Mapped[Any] = mapped_column(JSONB)
    why: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    recorded_at: Mapped[datetime] = mapped_column(MOMENT, server_default=text("now()"))
