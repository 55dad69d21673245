"""Who is offered which lead, decided over a whole batch. No database, no clock, no framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Panel, give_turn, panel_of, take_turn
from shared.events.marketing import LeadQualified

HOT_SCORE = 80
RETRY = timedelta(seconds=30)
Band = Literal["hot", "warm"]
ReturnReason = Literal["nobody_available", "hop_cap"]


def grade_band(score: int, *, hand_raiser: bool) -> Band:
    """Hot from eighty on; someone who asked for contact is hot whatever the score."""
    return "hot" if hand_raiser or score >= HOT_SCORE else "warm"


class Waiting(NamedTuple):
    """A lead that needs a rep. `hop` counts its offers so far, `offered_to` is who had one in this cycle.

    `by_hand` names the rep who is to have it, whoever's turn it is. `facts` are those of a lead that has no
    row yet.
    """

    lead_id: UUID
    cycle: int
    contact_id: UUID
    team_id: UUID
    band: str
    rule_set: int
    rule_id: UUID
    version: int
    hop: int = 0
    offered_to: frozenset[UUID] = frozenset()
    traceparent: str | None = None
    by_hand: UUID | None = None
    facts: LeadQualified | None = None


@dataclass(slots=True)
class RepSlot:
    """A rep of a team. `free` is how many more leads they can hold; it goes below zero by hand only."""

    rep_id: UUID
    weight: int
    active: bool
    free: int


@dataclass(slots=True)
class TeamCapacity:
    """Who of a team can take how much of a batch. `panels` are kept until somebody becomes full or free."""

    team_id: UUID
    answer_within: Mapping[str, timedelta]
    slots: dict[UUID, RepSlot]
    panels: dict[frozenset[UUID], Panel | None] = field(default_factory=dict)

    def eligible(self, offered_to: frozenset[UUID]) -> Panel | None:
        """Who is eligible for a lead that these reps already had; None when nobody is."""
        if offered_to not in self.panels:
            self.panels[offered_to] = self._panel(offered_to)
        return self.panels[offered_to]

    def _panel(self, offered_to: frozenset[UUID]) -> Panel | None:
        eligible, passed_over = [], []
        for slot in self.slots.values():
            why = passed_over_because(slot, offered_to)
            if why is None:
                eligible.append((slot.rep_id, slot.weight))
            else:
                passed_over.append((slot.rep_id, why))
        return panel_of(eligible, passed_over) if eligible else None

    def fill(self, rep_id: UUID, leads: int = 1) -> None:
        """The rep holds so many leads more (or fewer)."""
        slot = self.slots[rep_id]
        was_free = slot.free > 0
        slot.free -= leads
        if was_free != (slot.free > 0):
            self.panels.clear()

    def everybody_had(self, offered_to: frozenset[UUID]) -> bool:
        """Whether waiting is pointless: there are active reps, and all of them had the lead."""
        active = {slot.rep_id for slot in self.slots.values() if slot.active}
        return bool(active) and active <= offered_to


def passed_over_because(slot: RepSlot, offered_to: frozenset[UUID]) -> str | None:
    """Why a rep is not eligible; None when they are."""
    if not slot.active:
        return "inactive"
    if slot.rep_id in offered_to:
        return "had_it_before"
    return None if slot.free > 0 else "full"


class Offered(NamedTuple):
    """The lead goes to this rep; `leaders` are the levels (whole numbers of UNIT) it was decided on."""

    lead: Waiting
    rep_id: UUID
    turn: int
    panel: Panel
    answer_by: datetime
    leaders: Sequence[tuple[UUID, int]] = ()


@dataclass(frozen=True, slots=True)
class Waits:
    """Nobody is free for the lead now; it waits in the pool."""

    lead: Waiting


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The lead goes back to marketing."""

    lead: Waiting
    reason: ReturnReason


Decision = Offered | Waits | GivenUp


def decide(
    leads: Sequence[Waiting],
    teams: Mapping[UUID, TeamCapacity],
    ledgers: Mapping[LedgerKey, Ledger],
    *,
    now: datetime,
    hop_cap: int,
) -> list[Decision]:
    """Decide for each lead, in order. Changes the teams' capacity and the ledgers as it goes."""
    return [
        _decide(lead, teams[lead.team_id], ledgers[lead.team_id, lead.band], now, hop_cap) for lead in leads
    ]


def _decide(lead: Waiting, team: TeamCapacity, ledger: Ledger, now: datetime, hop_cap: int) -> Decision:
    if lead.by_hand is not None:
        return _by_hand(lead, lead.by_hand, team, ledger, now)
    if lead.hop >= hop_cap:
        return GivenUp(lead, "hop_cap")
    panel = team.eligible(lead.offered_to)
    if panel is None:
        return GivenUp(lead, "nobody_available") if team.everybody_had(lead.offered_to) else Waits(lead)
    rep_id, leaders = take_turn(ledger, panel, lead.lead_id)
    team.fill(rep_id)
    return Offered(lead, rep_id, ledger.number, panel, now + team.answer_within[lead.band], leaders)


def _by_hand(lead: Waiting, rep_id: UUID, team: TeamCapacity, ledger: Ledger, now: datetime) -> Offered:
    """What somebody decided. Who is eligible takes their share all the same; full or not, the rep gets it."""
    panel = team.eligible(lead.offered_to - {rep_id}) or panel_of([(rep_id, team.slots[rep_id].weight)])
    give_turn(ledger, panel, lead.lead_id, rep_id)
    team.fill(rep_id)
    return Offered(lead, rep_id, ledger.number, panel, now + team.answer_within[lead.band])


def release(teams: Mapping[UUID, TeamCapacity], rep_ids: Sequence[UUID]) -> None:
    """These reps hold one lead less each. A rep of none of the teams changes nothing here."""
    for rep_id in rep_ids:
        for team in teams.values():
            if rep_id in team.slots:
                team.fill(rep_id, -1)
