"""What was found: a line per equation, its differences, and what to do about each. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.messaging.backlog import Backlog

SHOWN = 5  # ids named of one equation; the count says how many there are


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that the two sides don't agree on. None: the side has no such entry."""

    key: str
    left: str | None
    right: str | None
    why: str = ""  # where it waits, when that is known
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One equation as it was found. `left` and `right` count entries; `excused` were given up by somebody."""

    name: str
    claim: str
    left_name: str
    right_name: str | None
    left: int
    right: int | None
    count: int = 0
    excused: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        return self.count == 0

    def with_differences(self, count: int, differences: Sequence[Difference]) -> "Line":
        return replace(self, count=count, differences=tuple(differences))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is on its way in one service at the end: to be sent, to be read, set aside."""

    service: str
    pending: int
    oldest_seconds: float | None
    lag: int | None
    parked: int
    others: tuple[Backlog, ...] = ()  # what else waits in it: deliveries, offers, leads


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything one run has found."""

    lines: tuple[Line, ...]
    waiting: tuple[Waiting, ...]
    at: datetime
    seconds: float
    rounds: int
    notes: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        return all(line.holds for line in self.lines)

    @property
    def broken(self) -> list[str]:
        """The names of the equations that do not hold."""
        return [line.name for line in self.lines if not line.holds]

    def line(self, name: str) -> Line:
        """One equation's line. Raises KeyError."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)

    def summary(self) -> str:
        """What does not hold, in a few lines of plain text: for a failing test and for a log."""
        if self.holds:
            return f"{len(self.lines)} equations hold."
        shown = []
        for line in self.lines:
            for one in line.differences[:SHOWN]:
                shown.append(f"{line.name}: {one.key}: {one.left} | {one.right} {one.why} -> {one.remedy}")
        return "\n".join([f"{', '.join(self.broken)} do not hold.", *shown])

    def as_json(self) -> str:
        """For machines: everything, with `holds` in front."""
        lines: list[dict[str, Any]] = [{"holds": line.holds, **asdict(line)} for line in self.lines]
        found = {
            "holds": self.holds,
            "broken": self.broken,
            "at": self.at.isoformat(),
            "seconds": round(self.seconds, 3),
            "rounds": self.rounds,
            "equations": lines,
            "waiting": [
                {**asdict(one), "others": [each._asdict() for each in one.others]} for one in self.waiting
            ],
            "notes": list(self.notes),
        }
        return json.dumps(found, indent=2)
