"""Whose a person is now, by all that was said of their leads and deals. Pure: no order of the news matters.

- An offer holds until its time is over, and shows less than the person in full.
- An accepted lead holds until its deal is there; from then on the deal speaks for it.
- A rep who found somebody by themselves holds them for a while, to open a deal.
- A deal holds while it is open, for good when it was won, and when it was lost until the lead has gone to
  somebody else. Disqualified, or given back to marketing, it holds no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal
from uuid import UUID

from shared.auth.access import Rows

LeadState = Literal["offered", "accepted", "ended", "returned"]
DealState = Literal["open", "won", "lost", "disqualified"]
ClaimState = Literal["claimed"]


class Stage(IntEnum):
    """How much of a person somebody holds."""

    NONE = 0
    OFFERED = 1
    IN_HAND = 2


class Whose(StrEnum):
    """Who is at a person, for somebody who would like to be."""

    YOURS = "yours"
    FREE = "free"
    HELD = "held"
    ROUTED = "routed"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a rep is, as handoff last told."""

    subject: str
    team_id: UUID
    manager_subject: str | None = None
    active: bool = True
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """What was said of one lead or deal of a person, and who its rep is; None: nobody has told yet."""

    contact_id: UUID
    source_id: UUID
    kind: Literal["lead", "deal", "claim"]
    version: int
    lead_id: UUID | None
    cycle: int | None
    rep_id: UUID | None
    state: LeadState | DealState | ClaimState
    until: datetime | None = None
    holder: Holder | None = None

    def is_of(self, other: "Hold") -> bool:
        """Whether this deal was opened for that lead, in that cycle."""
        return self.lead_id == other.source_id and self.cycle == other.cycle


def standing(holds: Sequence[Hold], now: datetime) -> list[tuple[Hold, Stage]]:
    """Those of one person's holds that count now, each with how much it shows."""
    counted = ((one, _stage(one, holds, now)) for one in holds)
    return [(one, stage) for one, stage in counted if stage is not Stage.NONE]


def _stage(hold: Hold, all_of_them: Sequence[Hold], now: datetime) -> Stage:
    if hold.kind == "deal":
        lead = next(
            (one for one in all_of_them if one.kind == "lead" and one.source_id == hold.lead_id), None
        )
        return Stage.IN_HAND if _deal_counts(hold, lead) else Stage.NONE
    lasts = hold.until is None or now < hold.until
    if hold.kind == "claim":
        return Stage.IN_HAND if lasts else Stage.NONE
    if hold.state == "offered":
        return Stage.OFFERED if lasts else Stage.NONE
    has_deal = any(one.kind == "deal" and one.is_of(hold) for one in all_of_them)
    return Stage.IN_HAND if hold.state == "accepted" and not has_deal else Stage.NONE


def _deal_counts(deal: Hold, lead: Hold | None) -> bool:
    if deal.state in ("won", "disqualified") or lead is None:
        return deal.state != "disqualified"
    if deal.cycle == lead.cycle:
        return lead.state != "returned"
    # Another cycle of the lead: a lost one's rep has it no more once somebody else has it.
    return deal.state == "open" or lead.rep_id == deal.rep_id or lead.state == "returned"


def stage_of(standing: Iterable[tuple[Hold, Stage]], subject: str) -> Stage:
    """How much of a person this rep holds; one who is no active rep any more holds nobody."""
    held = (stage for one, stage in standing if _is(one.holder, subject))
    return max(held, default=Stage.NONE)


def reach(standing: Sequence[tuple[Hold, Stage]], subject: str) -> Rows:
    """OWN when this subject has the person in hand, MANAGED when somebody of a team has that they manage."""
    rows = Rows.OWN if stage_of(standing, subject) is Stage.IN_HAND else Rows.NONE
    managed = any(
        one.holder is not None and one.holder.manager_subject == subject
        for one, stage in standing
        if stage is Stage.IN_HAND
    )
    return rows | Rows.MANAGED if managed else rows


def whose(holds: Sequence[Hold], rows: Rows, subject: str, now: datetime) -> tuple[Whose, Holder | None]:
    """Who is at a person, for a subject who reaches these rows; and who has them in hand, if others do.

    Whose deal was lost has them no more, as far as this goes. A lead that one has declined is on its way to
    somebody else.
    """
    now_held = standing(holds, now)
    if Rows.ALL in rows or reach(now_held, subject) & rows:
        return Whose.YOURS, None
    others = [one for one, stage in now_held if stage is Stage.IN_HAND and one.state != "lost"]
    if others:
        return Whose.HELD, next((one.holder for one in others if one.holder is not None), None)
    offered = any(stage is Stage.OFFERED for _, stage in now_held)
    declined = any(one.kind == "lead" and one.state == "ended" for one in holds)
    return (Whose.ROUTED if offered or declined else Whose.FREE), None


@dataclass(frozen=True, slots=True)
class Joining:
    """Who wants to put people on a deal: whose rows they reach, as whom, for which team's rep and company."""

    rows: Rows
    subject: str
    team_id: UUID | None
    company_id: UUID | None

    def is_ours(self, hold: Hold) -> bool:
        """Whether it is the rep's, their team's, or of a team that the asking manager has."""
        holder = hold.holder
        if holder is None:
            return False
        own = Rows.OWN in self.rows and _is(holder, self.subject)
        managed = Rows.MANAGED in self.rows and holder.manager_subject == self.subject
        return own or managed or (self.team_id is not None and holder.team_id == self.team_id)


def may_join(holds: Sequence[Hold], company_id: UUID | None, joining: Joining, now: datetime) -> bool:
    """Whether a person of this company may be put on that deal.

    Of the deal's company anybody may whom nobody else is working on: else it would be a way round the offer
    that one has declined, or that a colleague of another team has.
    """
    if Rows.ALL in joining.rows:
        return True
    now_held = standing(holds, now)
    if any(stage is Stage.IN_HAND and joining.is_ours(one) for one, stage in now_held):
        return True
    if company_id is None or company_id != joining.company_id:
        return False
    wanted = any(one.kind == "lead" and one.state == "ended" for one in holds)
    return not wanted and all(one.state == "lost" for one, _ in now_held)


def _is(holder: Holder | None, subject: str) -> bool:
    return holder is not None and holder.active and holder.subject == subject
