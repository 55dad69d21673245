"""Whose turn it is. No database, no clock, no framework.

Each lead adds weight / (sum of weights of the reps eligible for it) to every eligible rep's *due*; the rep
with the largest due - received goes next. Ties go to the one served longest ago, then to the
lowest id, so that every choice can be replayed.

Why nobody is ever a whole lead ahead of their due while eligibility is fixed: before a turn
the levels (due - received) sum to zero, the lead adds one, so the largest level is positive,
and after receiving one lead it is above minus one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, NamedTuple
from uuid import UUID

from shared.money import split

# One lead, in the whole numbers of the ledger. It divides evenly by 1 to 18 and by most other
# numbers of reps, so usual teams share without any remainder; bigint holds 10**10 leads of it.
UNIT = 735_134_400
LEADERS_SHOWN = 5

TurnKind = Literal["assigned", "manual", "credited_back", "calibrated"]
LedgerKey = tuple[UUID, str]  # team, grade band


@dataclass(frozen=True, slots=True)
class Panel:
    """The reps eligible for a lead, in the order of their ids, and each one's exact share of it."""

    id: UUID
    rep_ids: tuple[UUID, ...]
    weights: tuple[int, ...]
    shares: tuple[int, ...]
    passed_over: tuple[tuple[UUID, str], ...] = ()


@dataclass(slots=True)
class Standing:
    """Where a rep stands in a ledger; the level is what the ledger still owes them."""

    rep_id: UUID
    due: int = 0
    received: int = 0
    last_turn: int = 0

    @property
    def level(self) -> int:
        return self.due - self.received


class Turn(NamedTuple):
    """One line of the ledger. `amount` is the starting level of a calibrated rep."""

    team_id: UUID
    band: str
    number: int
    kind: TurnKind
    rep_id: UUID
    panel_id: UUID | None = None
    lead_id: UUID | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class UndoneTurn:
    """A turn to credit back, named by its ledger and number."""

    team_id: UUID
    band: str
    number: int


@dataclass(slots=True)
class Ledger:
    """A ledger in memory, under its row's lock. `written` are the lines added since it was loaded."""

    team_id: UUID
    band: str
    number: int = 0
    standings: dict[UUID, Standing] = field(default_factory=dict)
    written: list[Turn] = field(default_factory=list)
    panels: dict[UUID, Panel] = field(default_factory=dict)
    seated: dict[UUID, list[Standing]] = field(default_factory=dict)

    def write(
        self, kind: TurnKind, rep_id: UUID, panel: Panel | None, lead_id: UUID | None, amount: int = 0
    ) -> int:
        self.number += 1
        panel_id = None
        if panel is not None:
            panel_id = panel.id
            self.panels[panel_id] = panel
        self.written.append(
            Turn(self.team_id, self.band, self.number, kind, rep_id, panel_id, lead_id, amount)
        )
        return self.number


def panel_of(eligible: Sequence[tuple[UUID, int]], passed_over: Sequence[tuple[UUID, str]] = ()) -> Panel:
    """The panel of these reps (id, weight). The same content always has the same id."""
    return _panel(tuple(sorted(eligible)), tuple(sorted(passed_over)))


@lru_cache(maxsize=1024)
def _panel(eligible: tuple[tuple[UUID, int], ...], passed_over: tuple[tuple[UUID, str], ...]) -> Panel:
    weights = tuple(weight for _, weight in eligible)
    content = repr(
        ([(rep.hex, weight) for rep, weight in eligible], [(rep.hex, why) for rep, why in passed_over])
    )
    return Panel(
        id=UUID(bytes=blake2b(content.encode(), digest_size=16).digest()),
        rep_ids=tuple(rep_id for rep_id, _ in eligible),
        weights=weights,
        shares=tuple(split(UNIT, weights)),
        passed_over=passed_over,
    )


def calibrate(ledger: Ledger, rep_ids: Sequence[UUID]) -> None:
    """Start reps who are new to the ledger at the mean level of those eligible beside them.

    At zero they would be owed, or owe, what the others built up before they came.
    """
    new = [rep_id for rep_id in rep_ids if rep_id not in ledger.standings]
    if not new:
        return
    levels = [ledger.standings[rep_id].level for rep_id in rep_ids if rep_id in ledger.standings]
    start = sum(levels) // len(levels) if levels else 0
    for rep_id in new:
        ledger.standings[rep_id] = Standing(rep_id, due=start)
        ledger.write("calibrated", rep_id, None, None, start)


def _seated(ledger: Ledger, panel: Panel) -> list[Standing]:
    """The panel's standings, in its order; looked up once for a run of leads with one panel."""
    found = ledger.seated.get(panel.id)
    if found is None:
        calibrate(ledger, panel.rep_ids)
        found = ledger.seated[panel.id] = [ledger.standings[rep_id] for rep_id in panel.rep_ids]
    return found


def take_turn(ledger: Ledger, panel: Panel, lead_id: UUID) -> tuple[UUID, list[tuple[UUID, int]]]:
    """Give the lead to the rep owed most. Returns them, and the leading levels the choice was made on."""
    standings = _seated(ledger, panel)
    add_dues(standings, panel.shares)
    levels = [standing.due - standing.received for standing in standings]
    chosen = next_in_turn(standings, levels)
    first = sorted(range(len(levels)), key=levels.__getitem__, reverse=True)[:LEADERS_SHOWN]
    leaders = [(panel.rep_ids[index], levels[index]) for index in first]
    chosen.received += UNIT
    chosen.last_turn = ledger.write("assigned", chosen.rep_id, panel, lead_id)
    return chosen.rep_id, leaders


def give_turn(ledger: Ledger, panel: Panel, lead_id: UUID, rep_id: UUID) -> None:
    """Book a lead somebody gave to this rep by hand: it counts like any other."""
    calibrate(ledger, sorted({*panel.rep_ids, rep_id}))
    add_dues(_seated(ledger, panel), panel.shares)
    standing = ledger.standings[rep_id]
    standing.received += UNIT
    standing.last_turn = ledger.write("manual", rep_id, panel, lead_id)


def credit_back(ledger: Ledger, panel: Panel, lead_id: UUID, rep_id: UUID) -> None:
    """Undo a turn, as if the lead had never been: its dues go, and the rep has it not received."""
    add_dues([ledger.standings[each] for each in panel.rep_ids], [-share for share in panel.shares])
    ledger.standings[rep_id].received -= UNIT
    ledger.write("credited_back", rep_id, panel, lead_id)


def add_dues(standings: Sequence[Standing], shares: Sequence[int]) -> None:
    for standing, share in zip(standings, shares, strict=True):
        standing.due += share


def next_in_turn(standings: Sequence[Standing], levels: Sequence[int]) -> Standing:
    """The largest level; then the longest unserved; then the first (they come in the order of their ids)."""
    largest = max(levels)
    if levels.count(largest) == 1:
        return standings[levels.index(largest)]
    tied = [standing for standing, level in zip(standings, levels, strict=True) if level == largest]
    return min(tied, key=_last_turn)


def _last_turn(standing: Standing) -> int:
    return standing.last_turn


@dataclass(slots=True)
class Replay:
    """A ledger rebuilt from its turns alone. `wrong` are the turns whose choice the rule does not give."""

    ledger: Ledger
    wrong: list[int] = field(default_factory=list)
    most_ahead: int = 0
    most_behind: int = 0
    counted: int = 0

    def follow(self, turns: Sequence[Turn], panels: Mapping[UUID, Panel]) -> None:
        """Apply the next turns, in the order of their numbers, checking every decision."""
        for turn in turns:
            self.counted += 1
            if turn.number != self.ledger.number + 1:
                self.wrong.append(turn.number)
            self._apply(turn, panels[turn.panel_id] if turn.panel_id else None)
            self.ledger.number = turn.number
            self._measure(turn)

    def _apply(self, turn: Turn, panel: Panel | None) -> None:
        standings = self.ledger.standings
        if turn.kind == "calibrated" or panel is None:
            standings[turn.rep_id] = Standing(turn.rep_id, due=turn.amount)
            return
        undo = turn.kind == "credited_back"
        eligible = [standings[rep_id] for rep_id in panel.rep_ids]
        add_dues(eligible, [-share for share in panel.shares] if undo else panel.shares)
        levels = [standing.level for standing in eligible]
        if turn.kind == "assigned" and next_in_turn(eligible, levels).rep_id != turn.rep_id:
            self.wrong.append(turn.number)
        standing = standings[turn.rep_id]
        standing.received += -UNIT if undo else UNIT
        if not undo:
            standing.last_turn = turn.number

    def _measure(self, turn: Turn) -> None:
        self.most_ahead = min(self.most_ahead, self.ledger.standings[turn.rep_id].level)
        self.most_behind = max(
            self.most_behind, max(standing.level for standing in self.ledger.standings.values())
        )
