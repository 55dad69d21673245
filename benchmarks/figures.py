"""What a row measures, what is asked of it, and how both are shown. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the repeats: the middle one, and how far the others lie."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def shown(self) -> str:
        if self.least == self.most:
            return number(self.middle)
        return f"{number(self.middle)} ({number(self.least)}-{number(self.most)})"


def number(value: float) -> str:
    """Three digits that matter, with thousands set apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of sorted values."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the issue asks of a figure."""

    text: str
    found: Spread
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Judged by the middle of the repeats."""
        high_enough = self.at_least is None or self.found.middle >= self.at_least
        return high_enough and (self.at_most is None or self.found.middle <= self.at_most)

    @property
    def limit(self) -> str:
        return f"≥ {number(self.at_least)}" if self.at_least is not None else f"≤ {number(self.at_most or 0)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One subject of a row, ours or a floor, with its figures by column."""

    subject: str
    figures: Mapping[str, Spread]


@dataclass(slots=True)
class Report:
    """A measured row. `broken` says what makes its figures worthless, such as requests that failed."""

    name: str
    title: str
    setting: str
    lines: list[Line] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure. `profile_into` runs our own programs under the profiler, which slows them."""

    seconds: float
    repeats: int
    events: int
    connections: int = 64
    profile_into: Path | None = None


def lines_of(samples: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Line]:
    """Repeats by subject to one line each."""
    return [
        Line(subject, {column: Spread.of([run[column] for run in runs]) for column in runs[0]})
        for subject, runs in samples.items()
    ]


def ratio(
    ours: Sequence[Mapping[str, float]],
    floor: Sequence[Mapping[str, float]],
    read: Callable[[Mapping[str, float]], float],
) -> Spread:
    """Ours over the floor, repeat by repeat: what slows the machine for a while slows both."""
    return Spread.of([read(one) / read(other) for one, other in zip(ours, floor, strict=True)])
