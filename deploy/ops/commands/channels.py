"""`leadloop channels reclassify`: what the rules of today would make of the touches of the past."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import fail
from services.marketing.capture.connectors.registry import implied_channel
from services.marketing.funnel.leads.arrivals import channel_without_campaign
from services.marketing.people.touches.queries import Judged, judged
from shared.database.sessions import Sessions

BATCH = 5000
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
app = typer.Typer(help="Channels of touches.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Channels of touches."""


@app.command()
def reclassify(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    since: Annotated[datetime | None, typer.Option("--from", help="Touches at or after (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Touches before (UTC).")] = None,
) -> None:
    """Show which touches would get another channel by the rules of today. Nothing is written."""
    if not dry_run:
        raise fail(
            "Reclassifying would restate reports of the past, and there is no restatement for it yet. "
            "Add --dry-run to see what it would change."
        )
    start = since.replace(tzinfo=UTC) if since else FIRST
    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)  # noqa: TID251 - the edge
    if end <= start:
        raise fail("--to has to be later than --from.")

    async def work(sessions: Sessions) -> Counter[tuple[str, str]]:
        return await count_changes(sessions, start, end)

    show(ask(Service.MARKETING, work))


async def count_changes(sessions: Sessions, start: datetime, end: datetime) -> Counter[tuple[str, str]]:
    """How many touches have which channel now and would have which one, also where both are the same."""
    found: Counter[tuple[str, str]] = Counter()
    after = UUID(int=0)
    while True:
        async with sessions.begin() as session:
            batch = await judged(session, start, end, after=after, most=BATCH)
        found.update((touch.channel, channel_today(touch)) for touch in batch)
        if len(batch) < BATCH:
            return found
        after = batch[-1].id


def channel_today(touch: Judged) -> str:
    return channel_without_campaign(
        touch.utm, touch.click_ids, touch.referrer, implied=implied_channel(touch.source)
    )


def show(found: Counter[tuple[str, str]]) -> None:
    changed = {pair: count for pair, count in found.items() if pair[0] != pair[1]}
    print(f"{sum(changed.values()):,} of {found.total():,} touches would get another channel.")
    if not changed:
        return
    table = Table("channel now", "by the rules of today", "touches")
    for (before, after), count in sorted(changed.items(), key=lambda one: (-one[1], one[0])):
        table.add_row(before, after, f"{count:,}")
    Console().print(table)
