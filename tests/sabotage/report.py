"""What a run found, for the terminal, for a file and for other programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from tests.sabotage.trial import Verdict


def summary(verdicts: Sequence[Verdict]) -> str:
    found = f"caught {sum(verdict.caught for verdict in verdicts)}/{len(verdicts)}"
    tries = sum(verdict.tries for verdict in verdicts)
    if tries == len(verdicts):
        return found
    return f"{found}, in {sum(verdict.catches for verdict in verdicts)} of {tries} tries"


def as_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table("bug", "in", "caught by", "times", "s", title=summary(verdicts))
    for verdict in verdicts:
        by = "\n".join(map(short, verdict.bug.caught_by)) if verdict.caught else f"[red]{verdict.why_not}"
        times = f"{verdict.catches}/{verdict.tries}"
        table.add_row(verdict.bug.name, verdict.bug.file, by, times, f"{verdict.seconds:.0f}")
    return table


def as_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "caught": sum(verdict.caught for verdict in verdicts),
        "bugs": len(verdicts),
        "trials": [
            {
                "bug": verdict.bug.name,
                "file": verdict.bug.file,
                "caught": verdict.caught,
                "caught_by": verdict.bug.caught_by,
                "why_not": verdict.why_not or None,
                "tries": verdict.tries,
                "catches": verdict.catches,
                "seconds": round(verdict.seconds, 1),
            }
            for verdict in verdicts
        ],
    }


def as_markdown(verdicts: Sequence[Verdict], *, when: datetime, commit: str) -> str:
    """The report that is committed."""
    lines = [
        "# The tests, tested",
        "",
        "Made by `make sabotage`. Each row is one line of the product made wrong in a copy of the tree;",
        "the test beside it, one of the ordinary suites, then failed. `tests/sabotage/bugs/` has them all.",
        "",
        f"**{summary(verdicts)}**, {when:%Y-%m-%d %H:%M} UTC, at `{commit}`, "
        f"{sum(verdict.seconds for verdict in verdicts):.0f} s of trials.",
        "",
        "| bug | in | caught by | times | s |",
        "|---|---|---|---:|---:|",
    ]
    for verdict in verdicts:
        tests = "<br>".join(f"`{short(test)}`" for test in verdict.bug.caught_by)
        by = tests if verdict.caught else f"**not caught**: {verdict.why_not}"
        times = f"{verdict.catches}/{verdict.tries}"
        lines.append(
            f"| {verdict.bug.name} | `{verdict.bug.file}` | {by} | {times} | {verdict.seconds:.0f} |"
        )
    return "\n".join([*lines, ""])


def short(test: str) -> str:
    """A test's name without its file's folders."""
    return test.removeprefix("tests/")
