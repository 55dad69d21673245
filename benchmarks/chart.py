"""Throughput and latency as bars, ours beside the floors, in a picture any browser shows. Pure."""

from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.figures import Report, Spread, number

WIDTH, BAR, GAP, LEFT = 960, 14, 6, 20
SPEEDS = ("req/s", "events/s", "leads/s")
LATENCIES = ("p50 ms", "p99 ms", "assigned p50 ms", "assigned p99 ms")
OURS, FLOOR = "#2563a8", "#b9c2cc"
Bar = tuple[str, Spread, bool]  # what it is, its figure, whether it is ours


def drawn(reports: Sequence[Report]) -> str:
    """The whole picture."""
    parts: list[str] = []
    y = 30
    for heading, columns in (("Throughput, per second", SPEEDS), ("Latency, milliseconds", LATENCIES)):
        parts.append(f'<text x="{LEFT}" y="{y}" font-size="18" font-weight="600">{heading}</text>')
        y += 28
        for report in reports:
            bars = list(_bars(report, columns))
            if bars:
                lines, y = _group(report.title, bars, y)
                parts += lines
        y += 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _bars(report: Report, columns: Sequence[str]) -> Iterator[Bar]:
    """One bar per subject and column. The first subject of a row is ours."""
    shown = [column for column in columns if any(column in line.figures for line in report.lines)]
    for column in shown:
        for place, line in enumerate(report.lines):
            if column in line.figures:
                name = line.subject if len(shown) == 1 else f"{column}: {line.subject}"
                yield name, line.figures[column], place == 0


def _group(title: str, bars: Sequence[Bar], y: int) -> tuple[list[str], int]:
    """A row's bars, as long as they are parts of its largest; the thin line is the spread."""
    lines = [f'<text x="{LEFT}" y="{y}" font-weight="600">{escape(title)}</text>']
    y += GAP
    largest = max(spread.most for _, spread, _ in bars) or 1
    room = 340
    for name, spread, ours in bars:
        length, least, most = (room * value / largest for value in (spread.middle, spread.least, spread.most))
        middle = y + BAR / 2
        lines += [
            f'<rect x="{LEFT}" y="{y}" width="{max(length, 1):.1f}" height="{BAR}" '
            f'fill="{OURS if ours else FLOOR}"/>',
            f'<line x1="{LEFT + least:.1f}" y1="{middle}" x2="{LEFT + most:.1f}" y2="{middle}" '
            'stroke="#1f2933"/>',
            f'<text x="{LEFT + room + 12}" y="{y + BAR - 3}">{number(spread.middle)}  '
            f"{escape(name[:88])}</text>",
        ]
        y += BAR + GAP
    return lines, y + 16
