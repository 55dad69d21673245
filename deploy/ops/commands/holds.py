"""`leadloop holds complete`: who holds whom, where marketing has not heard of it."""

import typer

from deploy.ops.commands.databases import Service, ask
from deploy.ops.recovery import holds
from shared.database.sessions import Sessions

app = typer.Typer(help="Who holds whom.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Who holds whom."""


@app.command()
def complete() -> None:
    """Tell marketing what it has not heard: reps from handoff's rows, holds from its own leads and deals.

    Once after the upgrade that began it, when the new worker runs. May run while all goes on, and again.
    """
    reps = ask(Service.HANDOFF, holds.reps_of_handoff)

    async def work(sessions: Sessions) -> tuple[int, int]:
        return await holds.complete(sessions, reps)

    leads, people = ask(Service.MARKETING, work)
    print(f"{len(reps)} reps were told, {leads} leads and {people} people on deals were new.")
