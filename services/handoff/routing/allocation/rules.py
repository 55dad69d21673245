"""Who is offered which lead, decided over a whole batch. No database, no clock, no framework."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Panel, give_turn, panel_of, take_turn
from shared.events.marketing import LeadQualified

HOT_SCORE = 80
RETRY = timedelta(seconds=30)
PAST_LEDGER = "backfill"
LEFT_FOR_LIVE = 1  # places of each rep that leads of the past never take
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
OPEN_STATES = ("held", "pool", "offered")  # of a lead that nobody has accepted yet
Band = Literal["hot", "warm"]
ReturnReason = Literal["nobody_available", "hop_cap"]


def grade_band(score: int, *, hand_raiser: bool) -> Band:
    """Hot from eighty on; someone who asked for contact is hot whatever the score."""
    return "hot" if hand_raiser or score >= HOT_SCORE else "warm"


class Waiting(NamedTuple):
    """A lead that needs a rep. `hop` counts its offers so far, `offered_to` is who had one in this cycle.

    `by_hand` names the rep who is to have it, whoever's turn it is. `facts` are those of a lead that has no
    row yet. A `backfilled` one is of the past, offered only because somebody asked for it.
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
    backfilled: bool = False
    qualified_at: datetime = LONG_AGO

    @property
    def ledger(self) -> LedgerKey:
        """Where its turn is booked. A lead of the past takes no turn of the live ones."""
        return self.team_id, PAST_LEDGER if self.backfilled else self.band


def is_held(lead: LeadQualified) -> bool:
    """A lead of the past is kept, and offered to nobody unless somebody asked for that."""
    return lead.backfilled and not lead.route


def in_serving_order(leads: Iterable[Waiting]) -> list[Waiting]:
    """Live before the past, hot before warm, and the one that qualified last first: it is still warm."""
    return sorted(leads, key=_serving_order)


def _serving_order(lead: Waiting) -> tuple[bool, bool, float]:
    return lead.backfilled, lead.band != "hot", -lead.qualified_at.timestamp()


@dataclass(slots=True)
class RepSlot:
    """A rep of a team. `free` is how many more leads they can hold; it goes below zero by hand only."""

    rep_id: UUID
    weight: int
    active: bool
    free: int


@dataclass(slots=True)
class TeamCapacity:
    """Who of a team can take how much of a batch.

    `panels` are kept until somebody becomes full or free, or is about to: a lead of the past is not offered
    for a rep's last place, which is left for a live one.
    """

    team_id: UUID
    answer_within: Mapping[str, timedelta]
    slots: dict[UUID, RepSlot]
    panels: dict[tuple[frozenset[UUID], bool], Panel | None] = field(default_factory=dict)

    def eligible(self, offered_to: frozenset[UUID], *, backfilled: bool = False) -> Panel | None:
        """Who is eligible for a lead that these reps already had; None when nobody is."""
        asked = (offered_to, backfilled)
        if asked not in self.panels:
            self.panels[asked] = self._panel(offered_to, LEFT_FOR_LIVE if backfilled else 0)
        return self.panels[asked]

    def _panel(self, offered_to: frozenset[UUID], left: int) -> Panel | None:
        eligible, passed_over = [], []
        for slot in self.slots.values():
            why = passed_over_because(slot, offered_to, left=left)
            if why is None:
                eligible.append((slot.rep_id, slot.weight))
            else:
                passed_over.append((slot.rep_id, why))
        return panel_of(eligible, passed_over) if eligible else None

    def fill(self, rep_id: UUID, leads: int = 1) -> None:
        """The rep holds so many leads more (or fewer)."""
        slot = self.slots[rep_id]
        before = _places(slot)
        slot.free -= leads
        if _places(slot) != before:
            self.panels.clear()

    def everybody_had(self, offered_to: frozenset[UUID]) -> bool:
        """Whether waiting is pointless: there are active reps, and all of them had the lead."""
        active = {slot.rep_id for slot in self.slots.values() if slot.active}
        return bool(active) and active <= offered_to


def _places(slot: RepSlot) -> int:
    """As much of a rep's free places as eligibility looks at: none, the last, or more."""
    return max(0, min(slot.free, LEFT_FOR_LIVE + 1))


def passed_over_because(slot: RepSlot, offered_to: frozenset[UUID], *, left: int = 0) -> str | None:
    """Why a rep is not eligible, who has to have more than `left` places free; None when they are."""
    if not slot.active:
        return "inactive"
    if slot.rep_id in offered_to:
        return "had_it_before"
    return None if slot.free > left else "full"


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
    return [_decide(lead, teams[lead.team_id], ledgers[lead.ledger], now, hop_cap) for lead in leads]


def _decide(lead: Waiting, team: TeamCapacity, ledger: Ledger, now: datetime, hop_cap: int) -> Decision:
    if lead.by_hand is not None:
        return _by_hand(lead, lead.by_hand, team, ledger, now)
    if lead.hop >= hop_cap:
        return GivenUp(lead, "hop_cap")
    if lead.backfilled and lead.facts is not None:
        return Waits(lead)  # in the pool, where live ones that came before it are served first
    panel = team.eligible(lead.offered_to, backfilled=lead.backfilled)
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
