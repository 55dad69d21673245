"""Who is offered which lead, decided over a whole batch. No database, no clock, no framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Panel, give_turn, panel_of, take_turn

HOT_SCORE = 80
RETRY = timedelta(seconds=30)
Band = Literal["hot", "warm"]
ReturnReason = Literal["nobody_available", "hop_cap"]


def grade_band(score: int, *, hand_raiser: bool) -> Band:
    """Hot from eighty on; someone who asked for contact is hot whatever the score."""
    return "hot" if hand_raiser or score >= HOT_SCORE else "warm"


class Waiting(NamedTuple):
    """A lead that needs a rep. `hop` counts its offers so far, `had` is who had one in this cycle."""

    lead_id: UUID
    cycle: int
    contact_id: UUID
    team_id: UUID
    band: str
    rule_set: int
    rule_id: UUID
    version: int
    hop: int = 0
    had: frozenset[UUID] = frozenset()
    traceparent: str | None = None


@dataclass(slots=True)
class Seat:
    """A rep of a team. `room` is how many more leads they can hold; it goes below zero by hand only."""

    rep_id: UUID
    weight: int
    active: bool
    room: int


@dataclass(slots=True)
class Bench:
    """A team as it shares out a batch. `panels` are kept until somebody becomes full or free."""

    team_id: UUID
    patience: Mapping[str, timedelta]
    seats: dict[UUID, Seat]
    panels: dict[frozenset[UUID], Panel | None] = field(default_factory=dict)

    def panel(self, had: frozenset[UUID]) -> Panel | None:
        """Who is eligible for a lead that these reps already had; None when nobody is."""
        if had not in self.panels:
            self.panels[had] = self._panel(had)
        return self.panels[had]

    def _panel(self, had: frozenset[UUID]) -> Panel | None:
        eligible, passed_over = [], []
        for seat in self.seats.values():
            why = passed_over_because(seat, had)
            if why is None:
                eligible.append((seat.rep_id, seat.weight))
            else:
                passed_over.append((seat.rep_id, why))
        return panel_of(eligible, passed_over) if eligible else None

    def fill(self, rep_id: UUID, leads: int = 1) -> None:
        """The rep holds so many leads more (or fewer)."""
        seat = self.seats[rep_id]
        was_free = seat.room > 0
        seat.room -= leads
        if was_free != (seat.room > 0):
            self.panels.clear()

    def everybody_had(self, had: frozenset[UUID]) -> bool:
        """Whether waiting is pointless: there are active reps, and all of them had the lead."""
        active = {seat.rep_id for seat in self.seats.values() if seat.active}
        return bool(active) and active <= had


def passed_over_because(seat: Seat, had: frozenset[UUID]) -> str | None:
    """Why a rep is not eligible; None when they are."""
    if not seat.active:
        return "inactive"
    if seat.rep_id in had:
        return "had_it_before"
    return None if seat.room > 0 else "full"


class Offered(NamedTuple):
    """The lead goes to this rep; `leaders` are the levels (whole numbers of UNIT) it was decided on."""

    lead: Waiting
    rep_id: UUID
    turn: int
    panel: Panel
    answer_by: datetime
    leaders: Sequence[tuple[UUID, int]] = ()
    by_hand: bool = False


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


def share_out(
    leads: Sequence[Waiting],
    benches: Mapping[UUID, Bench],
    ledgers: Mapping[LedgerKey, Ledger],
    *,
    now: datetime,
    hop_cap: int,
) -> list[Decision]:
    """Decide for each lead, in order. Changes the benches and ledgers as it goes."""
    return [
        _decide(lead, benches[lead.team_id], ledgers[lead.team_id, lead.band], now, hop_cap) for lead in leads
    ]


def _decide(lead: Waiting, bench: Bench, ledger: Ledger, now: datetime, hop_cap: int) -> Decision:
    if lead.hop >= hop_cap:
        return GivenUp(lead, "hop_cap")
    panel = bench.panel(lead.had)
    if panel is None:
        return GivenUp(lead, "nobody_available") if bench.everybody_had(lead.had) else Waits(lead)
    rep_id, leaders = take_turn(ledger, panel, lead.lead_id)
    bench.fill(rep_id)
    return Offered(lead, rep_id, ledger.number, panel, now + bench.patience[lead.band], leaders)


def by_hand(lead: Waiting, rep_id: UUID, bench: Bench, ledger: Ledger, *, now: datetime) -> Offered:
    """What somebody decided. Who is eligible takes their share all the same; full or not, the rep gets it."""
    seat = bench.seats[rep_id]
    panel = bench.panel(lead.had - {rep_id}) or panel_of([(rep_id, seat.weight)])
    give_turn(ledger, panel, lead.lead_id, rep_id)
    bench.fill(rep_id)
    answer_by = now + bench.patience[lead.band]
    return Offered(lead, rep_id, ledger.number, panel, answer_by, by_hand=True)


def free(benches: Mapping[UUID, Bench], rep_ids: Sequence[UUID]) -> None:
    """These reps hold one lead less each. A rep on none of the benches changes nothing here."""
    for rep_id in rep_ids:
        for bench in benches.values():
            if rep_id in bench.seats:
                bench.fill(rep_id, -1)
