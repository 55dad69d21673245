"""`leadloop submissions replay`: process again what was set aside, rejected or unreadable."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import fail
from services.marketing.capture.submissions.schemas import ReplayFilter
from services.marketing.capture.submissions.use_cases import replay_matching
from shared.database.sessions import Sessions

app = typer.Typer(help="Captured submissions.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Captured submissions."""


@app.command()
def replay(
    state: Annotated[str, typer.Option(help="quarantined, rejected or unreadable")],
    reason: Annotated[str | None, typer.Option(help="Only those with this reason code.")] = None,
    door: Annotated[str | None, typer.Option(help="Only those of this door, e.g. meta.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Received at or after (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Received before (UTC).")] = None,
) -> None:
    """Process again all that fit, the oldest first. What fails again is set aside again."""
    now = datetime.now(UTC)  # noqa: TID251 - the edge: what is set aside from here on is not taken twice
    try:
        wanted = ReplayFilter.model_validate(
            {
                "state": state,
                "reason": reason,
                "door": door,
                "received_from": since and since.replace(tzinfo=UTC),
                "received_to": until.replace(tzinfo=UTC) if until else now,
            }
        )
    except ValidationError as error:
        raise fail("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None

    async def work(sessions: Sessions) -> int:
        done = 0
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, transient=True) as progress:
            task = progress.add_task("replaying")
            while True:
                async with sessions.begin() as session:
                    answer = await replay_matching(session, wanted)
                done += answer.replayed
                progress.update(task, description=f"replaying: {done:,}")
                if not answer.more:
                    return done

    print(f"{ask(Service.MARKETING, work):,} are processed again.")
