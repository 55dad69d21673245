"""Which stage the facts put a lead in: never a matter of the order in which services told them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple
from uuid import UUID

# How handoff was told of a cycle that something of the past qualified.
Backfill = Literal["held", "routed"]


class Stage(StrEnum):
    """The lifecycle, in the order a lead goes through it. The last five end a cycle."""

    LEAD = "lead"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    LOST = "lost"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    WITHDRAWN = "withdrawn"


CLOSED = frozenset({Stage.CUSTOMER, Stage.LOST, Stage.RECYCLED, Stage.DISQUALIFIED, Stage.WITHDRAWN})
RANK = {stage: rank for rank, stage in enumerate(Stage)}
STAGE_OF_OUTCOME = {"won": Stage.CUSTOMER, "lost": Stage.LOST, "disqualified": Stage.DISQUALIFIED}


class CycleKey(NamedTuple):
    """A lead in one of its cycles."""

    lead_id: UUID
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What three services said about one cycle of a lead. Missing is None."""

    lead_id: UUID
    cycle: int
    qualified_at: datetime | None = None
    withdrawn_at: datetime | None = None
    handoff_version: int = 0
    rep_id: UUID | None = None
    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    returned_at: datetime | None = None
    return_reason: str | None = None
    deal_id: UUID | None = None
    sql_at: datetime | None = None
    opportunity_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    close_reason: str | None = None

    @property
    def stage(self) -> Stage:
        return stage_of(self)


@dataclass(frozen=True, slots=True)
class CycleOrigin:
    """What a cycle rests on: the submission that began it, or that qualified it."""

    cycle: int
    stage: Stage
    submission_id: UUID | None
    campaign_id: UUID | None
    channel: str
    received_at: datetime | None
    qualified_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the lifecycle log."""

    lead_id: UUID
    cycle: int
    stage: Stage
    at: datetime
    reason: str | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one event says about a cycle. `handoff_version` guards handoff's facts; a deal guards its own.

    `reopened_at` makes a step whose stage only the cycle knows.
    """

    lead_id: UUID
    cycle: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    reopened_at: datetime | None = None
    handoff_version: int | None = None


def stage_of(cycle: Cycle) -> Stage:
    """The stage these facts put a cycle in.

    A win outranks all, what marketing took back outranks a return, a return outranks how its deal ended.
    """
    if cycle.outcome == "won":
        return Stage.CUSTOMER
    if cycle.withdrawn_at is not None:
        return Stage.WITHDRAWN
    if cycle.returned_at is not None:
        return Stage.RECYCLED
    if cycle.outcome is not None:
        return STAGE_OF_OUTCOME[cycle.outcome]
    if cycle.opportunity_at is not None:
        return Stage.OPPORTUNITY
    if cycle.sql_at is not None:
        return Stage.SQL
    if cycle.accepted_at is not None:
        return Stage.SAL
    return Stage.MQL if cycle.qualified_at is not None else Stage.LEAD


def follow(cycle: Cycle, change: Change) -> Cycle | None:
    """The cycle after the change; None when handoff has already said something newer."""
    if change.handoff_version is None:
        return replace(cycle, **change.facts)
    if change.handoff_version <= cycle.handoff_version:
        return None
    return replace(cycle, **change.facts, handoff_version=change.handoff_version)


def steps_of(change: Change, after: Cycle) -> tuple[Step, ...]:
    """The lines this change adds to the log. A reopened deal is where it was before, by what sales said."""
    if change.reopened_at is None:
        return change.steps
    if after.opportunity_at is not None:
        stage = Stage.OPPORTUNITY
    else:
        stage = Stage.SQL if after.sql_at is not None else Stage.SAL
    return (Step(change.lead_id, change.cycle, stage, change.reopened_at, "reopened"),)


def history(steps: Iterable[Step]) -> list[tuple[Stage | None, Step]]:
    """The log in business time, each step with the stage before it.

    A lead returned after acceptance, or taken back, has its deal disqualified: that is the echo of it,
    whichever of the two was heard first, so it is no step of its own.
    """
    known = list(steps)
    returned = {step.cycle for step in known if step.stage in (Stage.RECYCLED, Stage.WITHDRAWN)}
    told = [step for step in known if step.stage != Stage.DISQUALIFIED or step.cycle not in returned]
    told.sort(key=lambda step: (step.cycle, step.at, RANK[step.stage]))
    return list(zip([None, *(step.stage for step in told)], told, strict=False))
