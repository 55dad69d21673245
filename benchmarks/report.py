"""The report, for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from benchmarks.chart import drawn
from benchmarks.figures import Report

RESULTS = Path(__file__).parent / "results"
COMMITTED = Path(__file__).parent.parent / "docs" / "reports"
HOW = (
    "Written by `make bench`. Every figure is the middle of the repeats, with the lowest and the highest in "
    "brackets; subjects of a row take turns, and a ratio is taken within each turn. A goal is judged by the "
    "middle. Compare only rows of one table: the machine is not always equally fast."
)


def as_markdown(reports: Sequence[Report], machine: Mapping[str, str], when: datetime) -> str:
    parts = ["# Measurements", "", f"{when:%Y-%m-%d %H:%M} UTC. {HOW}", ""]
    parts += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine.items()), ""]
    parts += ["| goal | asked | measured | |", "|---|---|---|---|"]
    for report in reports:
        for goal in report.goals:
            verdict = "met" if goal.met and not report.broken else "**missed**"
            parts.append(f"| {report.title}: {goal.text} | {goal.limit} | {goal.found.shown()} | {verdict} |")
    for report in reports:
        parts += ["", *_section(report)]
    return "\n".join(parts) + "\n"


def _section(report: Report) -> list[str]:
    parts = [f"## {report.title}", "", report.setting, ""]
    columns = list(dict.fromkeys(column for line in report.lines for column in line.figures))
    if columns:
        parts += [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for line in report.lines:
        cells = [line.figures[column].shown() if column in line.figures else "" for column in columns]
        parts.append(f"| {line.subject} | {' | '.join(cells)} |")
    parts += [f"\n**Worthless:** {reason}" for reason in report.broken]
    parts += [f"\n{note}" for note in report.notes]
    return parts


def write(
    reports: Sequence[Report], machine: Mapping[str, str], when: datetime, name: str, folder: Path
) -> Path:
    """Keep the report as `<name>.md`, `.json` and `.svg` in a folder; returns the readable one."""
    folder.mkdir(parents=True, exist_ok=True)
    readable = folder / f"{name}.md"
    chart = f"\n![Throughput and latency, ours beside the floors]({name}.svg)\n"
    readable.write_text(as_markdown(reports, machine, when) + chart)
    (folder / f"{name}.svg").write_text(drawn(reports))
    whole = {"when": when.isoformat(), "machine": machine, "rows": [_row(report) for report in reports]}
    (folder / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n")
    return readable


def _row(report: Report) -> dict[str, object]:
    goals = [{**asdict(goal), "met": goal.met} for goal in report.goals]
    return {**asdict(report), "goals": goals}
