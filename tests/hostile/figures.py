"""What each attack reports: figures to print and keep, and the faults that make the run red."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Figures:
    """One attack's outcome. `counts` are shown in their order; any fault is a failure."""

    attack: str
    promise: str
    counts: dict[str, int | float | str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.faults


def as_markdown(found: Sequence[Figures], *, when: datetime, commit: str, seed: int, long: bool) -> str:
    """The report that is committed."""
    extent = "long" if long else "short"
    lines = [
        "# Bad input and strangers, as figures",
        "",
        f"Made by `make hostile{' LONG=1' if long else ''}`: the {extent} run, seed {seed}, "
        f"{when:%Y-%m-%d %H:%M} UTC, at `{commit}`.",
    ]
    for figures in found:
        lines += ["", f"## {figures.attack}", "", figures.promise, "", "| figure | value |", "|---|---:|"]
        lines += [f"| {name} | {shown(value)} |" for name, value in figures.counts.items()]
        lines += ["", "**Held.**" if figures.held else f"**Broken**, {len(figures.faults)} times:"]
        lines += [f"- {fault}" for fault in figures.faults[:50]]
    return "\n".join([*lines, ""])


def shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
