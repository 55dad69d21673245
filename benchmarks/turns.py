"""`python -m benchmarks.turns OLD`: an older commit and this tree, benched in turns on one machine.

What slows the machine for a while slows both, so the medians of a few turns can be compared. Floors are the
same program on both sides: what they differ by says how quiet the machine was.
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from benchmarks.report import RESULTS

ROOT = Path(__file__).parents[1]
FASTER = ("events/s", "req/s", "leads/s")  # more is better; of every other figure, less is
JUDGED = (*FASTER, "p50 ms", "p99 ms", "assigned p50 ms", "assigned p99 ms", "compute s", "peak MB")
Figure = tuple[str, str, str]  # row, subject, column
Found = dict[Figure, list[float]]


def main(
    old: Annotated[str, typer.Argument(help="The commit to compare with.")],
    only: Annotated[
        list[str] | None, typer.Option(help="A row of `python -m benchmarks`. Repeatable.")
    ] = None,
    turns: Annotated[int, typer.Option(min=1, help="How often old and new take turns.")] = 5,
    seconds: Annotated[float, typer.Option(help="As in `python -m benchmarks`.")] = 3,
    events: Annotated[int, typer.Option(help="As in `python -m benchmarks`.")] = 20_000,
    worst: Annotated[float, typer.Option(help="How many times worse a median may be.")] = 1.10,
) -> None:
    """Compare the rows by their medians. Exit code 1 when a speed or a latency is worse than allowed."""
    rows = only or _rows()
    found: dict[str, Found] = {"old": defaultdict(list), "new": defaultdict(list)}
    with _checkout(old) as tree:
        for row in rows:
            for turn in range(turns):
                for name, folder in (("old", tree), ("new", ROOT))[:: 1 if turn % 2 == 0 else -1]:
                    _note(found[name], _measure(folder, row, seconds, events))
            print(row, flush=True)
            _show(found["old"], found["new"], row, worst)
    late = [figure for figure in found["new"] if _worse(found["old"], found["new"], figure) > worst]
    sys.exit(1 if any(_is_judged(figure) for figure in late) else 0)


def _rows() -> list[str]:
    from benchmarks.__main__ import ROWS  # noqa: PLC0415 - loads every row, and with them the product

    return list(ROWS)


@contextmanager
def _checkout(commit: str) -> Iterator[Path]:
    """The commit in a folder of its own, with an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "old"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, tree], check=True)
        subprocess.run(["git", "-C", tree, "checkout", "--quiet", commit], check=True)
        subprocess.run(["make", "--quiet", "-C", tree, "bootstrap"], check=True)
        yield tree


def _measure(tree: Path, row: str, seconds: float, events: int) -> dict[str, Any]:
    effort = ["--repeats", "1", "--seconds", str(seconds), "--events", str(events)]
    command: list[str | Path] = [tree / ".venv/bin/python", "-m", "benchmarks", "--only", row, *effort]
    subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    measured: dict[str, Any] = json.loads((tree / RESULTS.relative_to(ROOT) / "latest.json").read_text())
    return measured


def _note(found: Found, measured: dict[str, Any]) -> None:
    for report in measured["rows"]:
        if report["broken"]:
            raise typer.BadParameter(f"{report['name']} is worthless: {report['broken']}")
        for place, line in enumerate(report["lines"]):
            for column, spread in line["figures"].items():
                found[report["name"], f"{place + 1}. {line['subject'][:30]}", column].append(spread["middle"])


def _is_judged(figure: Figure) -> bool:
    return figure[2] in JUDGED


def _worse(old: Found, new: Found, figure: Figure) -> float:
    """How many times worse the new median is: below 1 it is better."""
    before, after = median(old[figure]), median(new[figure])
    if not before or not after:
        return 1.0
    return before / after if figure[2] in FASTER else after / before


def _show(old: Found, new: Found, row: str, worst: float) -> None:
    for figure in (figure for figure in new if figure[0] == row and figure in old):
        times = _worse(old, new, figure)
        verdict = "" if not _is_judged(figure) else "  worse" if times > worst else "  ok"
        print(
            f"  {figure[1]:34} {figure[2]:24} {_shown(old[figure])} -> {_shown(new[figure])}  "
            f"{times:.2f} x{verdict}",
            flush=True,
        )


def _shown(values: Sequence[float]) -> str:
    return f"{median(values):,.2f} ({min(values):,.2f}-{max(values):,.2f})"


if __name__ == "__main__":
    typer.run(main)
