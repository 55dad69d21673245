"""What a manager wants to see at the end of the month."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from deploy.demo import story
from deploy.demo.checks import Checks
from deploy.demo.figures import MODELS, SALES_SOURCED
from deploy.demo.play import Play
from deploy.demo.tallies import Tallies, cents

NAMES = {
    "unattributed": "no touch",
    SALES_SOURCED: "sales' own deals, all runs",
    "no_campaign": "no campaign",
}


def show(minor: int) -> str:
    """Cents as people read them."""
    return f"{minor / 100:,.2f}"


def whole(minor: int) -> str:
    """The same without cents, where a table is wide."""
    return f"{round(minor / 100):,}"


def table(title: str, *columns: str, left: int = 1) -> Table:
    """A plain table; all columns but the first `left` are figures, and those are never cut."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number < left else "right", no_wrap=number >= left)
    return made


def funnel(after: Tallies) -> Table:
    found = table("Funnel: the leads of the month", "stage", "leads", "of the stage before", "of all")
    for one in after.funnel["funnels"]:
        for stage in one["stages"]:
            found.add_row(
                stage["stage"], str(stage["leads"]), _share(stage["of_previous"]), _share(stage["of_all"])
            )
    return found


def _share(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


def roi(play: Play, after: Tallies) -> Table:
    """Campaigns of this run, and all the rest of the house in one row."""
    found = table(
        f"ROI by campaign, in {story.REPORTING}, by first, last and linear attribution",
        *("\ncampaign", "\nspend", "\nleads", "revenue\nfirst", "\nlast", "\nlinear"),
        *("ROI\nfirst", "\nlast", "\nlinear"),
    )
    found.caption, found.caption_justify = "-: nothing was spent, so there is no ROI", "left"
    rows = {model: {row["key"]: row for row in after.roi[model]["rows"]} for model in MODELS}
    ours = set(play.scene.campaigns.values())
    keys = sorted(rows["linear"], key=lambda key: -cents(rows["linear"][key]["revenue"]))
    for key in (key for key in keys if key in ours):
        found.add_row(*_line([rows[model][key] for model in MODELS]))
    found.add_section()
    for key in (key for key in keys if rows["linear"][key]["group"] == "bucket"):
        found.add_row(*_line([rows[model][key] for model in MODELS]), style="dim")
    rest = [key for key in keys if key not in ours and rows["linear"][key]["group"] == "campaign"]
    if rest:
        earned = [whole(sum(cents(rows[model][key]["revenue"]) for key in rest)) for model in MODELS]
        spent = sum(cents(rows["linear"][key]["spend"]) for key in rest)
        leads = sum(rows["linear"][key]["leads"] for key in rest)
        name = f"{len(rest)} other campaigns"
        found.add_row(name, whole(spent), str(leads), *earned, style="dim")
    found.add_section()
    found.add_row(*_line([{**after.roi[model]["totals"], "key": "all"} for model in MODELS]), style="bold")
    return found


def _line(of_models: list[dict[str, Any]]) -> Iterator[str]:
    one = of_models[-1]
    yield one.get("name") or NAMES.get(one["key"], one["key"])
    yield whole(cents(one["spend"]))
    yield str(one["leads"] or "")
    for row in of_models:
        yield whole(cents(row["revenue"]))
    for row in of_models:
        yield "-" if row["roi"] is None else f"{row['roi']:+.0%}"


def speed(after: Tallies) -> Table:
    """Who answered how fast; imported leads are left out, for no clock ran for them."""
    title = f"Speed to lead ({after.speed['backfilled_left_out']} imported leads left out)"
    found = table(title, "team", "leads", "answered", "within 5 min", "median", "p90")
    groups = [(group["label"] or "nobody yet", group) for group in after.speed["groups"]]
    for label, group in [*groups, ("all", after.speed["total"])]:
        first = group["segments"]["receipt_to_response"]
        found.add_row(
            label,
            str(group["leads"]),
            str(group["answered"]),
            _share(next(iter(group["answered_within"].values()))["share"]),
            _seconds(first["median_seconds"]),
            _seconds(first["p90_seconds"]),
        )
    return found


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} s"


def equations(after: Tallies) -> Table:
    """Nothing that came in is lost."""
    found = table("Capture: nothing is lost", "", "", left=2)
    found.show_header = False
    deliveries, submissions = after.balance["deliveries"], after.balance["submissions"]
    found.add_row("deliveries", _equation(deliveries, "received"))
    found.add_row("submissions", _equation(submissions, "made"))
    return found


def _equation(one: dict[str, Any], whole: str) -> str:
    parts = [f"{count} {name}" for name, count in one.items() if name not in (whole, "holds")]
    return f"{one[whole]} {whole} {'=' if one['holds'] else '≠'} {' + '.join(parts)}"


def agreement(play: Play, after: Tallies) -> Table:
    """Four ways to the same sum."""
    found = table(
        f"To the cent, in {story.REPORTING}",
        *("model", "this run:\nits own books", "\ncredits", "all runs:\ncredits", "\ndeals won", ""),
    )
    books = play.scene.books
    for model in MODELS:
        grown = after.total(model) - play.before.total(model)
        ours, credits = books.earned(), books.credits(model).total()
        agrees = ours == credits == grown and after.total(model) == after.won
        found.add_row(
            model,
            show(ours),
            show(grown),
            show(after.total(model)),
            show(after.won),
            "[green]agree[/]" if agrees else "[red]differ[/]",
        )
    return found


def failures(checks: Checks) -> Table:
    found = table("Did not hold", "what", "expected", "found", left=3)
    for check in checks.failed:
        found.add_row(check.what, check.expected, check.found)
    return found
