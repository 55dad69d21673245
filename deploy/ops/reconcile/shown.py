"""How findings look: a table for people, a bar while they wait. Pure, but for the bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from deploy.ops.reconcile.findings import SHOWN, Findings, Line

Progress = Callable[[str, int, int], None]  # what is read, how much of it is done, of how much


def nobody(_what: str, _done: int, _of: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def watched(console: Console) -> Iterator[Progress]:
    """Bars on a terminal, nothing elsewhere; they are gone at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, object] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)  # type: ignore[arg-type]  # rich's own id

        yield show


def as_text(findings: Findings) -> RenderableType:
    """The table, what differs and what to do, what is on its way, and the verdict."""
    table = Table("", "equation", "left", "right", "differ", box=None, pad_edge=False, header_style="dim")
    for line in findings.lines:
        mark = Text("✓", "green") if line.holds else Text("✗", "bold red")
        right = "" if line.right is None else f"{line.right:,} {line.right_name}"
        table.add_row(mark, line.name, f"{line.left:,} {line.left_name}", right, _differ(line))
    broken = [part for line in findings.lines if not line.holds for part in _explained(line)]
    return Group(table, Text(), *broken, _waiting(findings), Text(), _verdict(findings))


def _differ(line: Line) -> str:
    excused = f" ({line.excused:,} given up)" if line.excused else ""
    return f"{line.count:,}{excused}" if line.count or excused else ""


def _explained(line: Line) -> Iterator[Text]:
    yield Text.assemble((f"{line.name}: ", "bold red"), f"{line.claim}. {line.count:,} do not:")
    for one in line.differences[:SHOWN]:
        sides = " | ".join("missing" if side is None else side or "there" for side in (one.left, one.right))
        known = one.right if line.right_name is None else sides
        yield Text.assemble(
            "  ", (one.key, "bold"), f"  {known or one.left or 'there'}", f"  {one.why}" if one.why else ""
        )
        yield Text(f"      → {one.remedy}")
    if line.count > SHOWN:
        yield Text(f"  … and {line.count - SHOWN:,} more; --json names the first {len(line.differences):,}")
    yield Text()


def _waiting(findings: Findings) -> Table:
    table = Table(
        "service",
        "to send",
        "oldest",
        "to read (lag)",
        "parked",
        "also waits",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for one in findings.waiting:
        oldest = "-" if one.oldest_seconds is None else f"{one.oldest_seconds:.1f} s"
        lag = "?" if one.lag is None else f"{one.lag:,}"
        others = "; ".join(f"{each.queue} {each}" for each in one.others if each.number)
        table.add_row(one.service, f"{one.pending:,}", oldest, lag, f"{one.parked:,}", others)
    return table


def _verdict(findings: Findings) -> Text:
    spent = f"{findings.seconds:.1f} s, {findings.rounds} round{'s' * (findings.rounds > 1)}"
    if findings.holds:
        return Text(f"All {len(findings.lines)} equations hold. ({spent})", "green")
    return Text(
        f"{len(findings.broken)} of {len(findings.lines)} equations do not hold. ({spent})", "bold red"
    )
