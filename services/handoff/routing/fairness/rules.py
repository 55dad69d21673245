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
    """The reps eligible for a lead, in the order of their ids, and what each is due of it."""

    id: UUID
    rep_ids: tuple[UUID, ...]
    weights: tuple[int, ...]
    dues: tuple[int, ...]
    passed_over: tuple[tuple[UUID, str], ...] = ()


@dataclass(slots=True)
class Share:
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
    shares: dict[UUID, Share] = field(default_factory=dict)
    written: list[Turn] = field(default_factory=list)
    panels: dict[UUID, Panel] = field(default_factory=dict)
    eligible_shares: dict[UUID, list[Share]] = field(default_factory=dict)

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
        dues=tuple(split(UNIT, weights)),
        passed_over=passed_over,
    )


def calibrate(ledger: Ledger, rep_ids: Sequence[UUID]) -> None:
    """Start reps who are new to the ledger at the mean level of those eligible beside them.

    At zero they would be owed, or owe, what the others built up before they came.
    """
    new = [rep_id for rep_id in rep_ids if rep_id not in ledger.shares]
    if not new:
        return
    levels = [ledger.shares[rep_id].level for rep_id in rep_ids if rep_id in ledger.shares]
    start = sum(levels) // len(levels) if levels else 0
    for rep_id in new:
        ledger.shares[rep_id] = Share(rep_id, due=start)
        ledger.write("calibrated", rep_id, None, None, start)


def _eligible_shares(ledger: Ledger, panel: Panel) -> list[Share]:
    """The panel's shares, in its order; looked up once for a run of leads with one panel."""
    found = ledger.eligible_shares.get(panel.id)
    if found is None:
        calibrate(ledger, panel.rep_ids)
        found = ledger.eligible_shares[panel.id] = [ledger.shares[rep_id] for rep_id in panel.rep_ids]
    return found


def take_turn(ledger: Ledger, panel: Panel, lead_id: UUID) -> tuple[UUID, list[tuple[UUID, int]]]:
    """Give the lead to the rep owed most. Returns them, and the leading levels the choice was made on."""
    shares = _eligible_shares(ledger, panel)
    add_dues(shares, panel.dues)
    levels = [share.due - share.received for share in shares]
    chosen = next_in_turn(shares, levels)
    first = sorted(range(len(levels)), key=levels.__getitem__, reverse=True)[:LEADERS_SHOWN]
    leaders = [(panel.rep_ids[index], levels[index]) for index in first]
    chosen.received += UNIT
    chosen.last_turn = ledger.write("assigned", chosen.rep_id, panel, lead_id)
    return chosen.rep_id, leaders


def give_turn(ledger: Ledger, panel: Panel, lead_id: UUID, rep_id: UUID) -> None:
    """Book a lead somebody gave to this rep by hand: it counts like any other."""
    calibrate(ledger, sorted({*panel.rep_ids, rep_id}))
    add_dues(_eligible_shares(ledger, panel), panel.dues)
    share = ledger.shares[rep_id]
    share.received += UNIT
    share.last_turn = ledger.write("manual", rep_id, panel, lead_id)


def credit_back(ledger: Ledger, panel: Panel, lead_id: UUID, rep_id: UUID) -> None:
    """Undo a turn, as if the lead had never been: its dues go, and the rep has it not received."""
    add_dues([ledger.shares[each] for each in panel.rep_ids], [-due for due in panel.dues])
    ledger.shares[rep_id].received -= UNIT
    ledger.write("credited_back", rep_id, panel, lead_id)


def add_dues(shares: Sequence[Share], dues: Sequence[int]) -> None:
    for share, due in zip(shares, dues, strict=True):
        share.due += due


def next_in_turn(shares: Sequence[Share], levels: Sequence[int]) -> Share:
    """The largest level; then the longest unserved; then the first (they come in the order of their ids)."""
    largest = max(levels)
    if levels.count(largest) == 1:
        return shares[levels.index(largest)]
    tied = [share for share, level in zip(shares, levels, strict=True) if level == largest]
    return min(tied, key=_last_turn)


def _last_turn(share: Share) -> int:
    return share.last_turn


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
        shares = self.ledger.shares
        if turn.kind == "calibrated" or panel is None:
            shares[turn.rep_id] = Share(turn.rep_id, due=turn.amount)
            return
        undo = turn.kind == "credited_back"
        eligible = [shares[rep_id] for rep_id in panel.rep_ids]
        add_dues(eligible, [-due for due in panel.dues] if undo else panel.dues)
        levels = [share.level for share in eligible]
        if turn.kind == "assigned" and next_in_turn(eligible, levels).rep_id != turn.rep_id:
            self.wrong.append(turn.number)
        share = shares[turn.rep_id]
        share.received += -UNIT if undo else UNIT
        if not undo:
            share.last_turn = turn.number

    def _measure(self, turn: Turn) -> None:
        self.most_ahead = min(self.most_ahead, self.ledger.shares[turn.rep_id].level)
        self.most_behind = max(self.most_behind, max(share.level for share in self.ledger.shares.values()))
