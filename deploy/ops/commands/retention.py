"""`leadloop retention …`: what is kept for how long, what is due to go, and letting it go now."""

import os
from importlib import import_module
from typing import Annotated, Any

import typer

from deploy.ops.addresses import kept_by_the_stack, setting
from deploy.ops.commands.databases import Service, ask
from deploy.ops.terminal import confirm, fail, show_table
from services.retention import KINDS
from shared.database.sessions import Sessions
from shared.settings import CommonSettings, SettingsError
from shared.worker import retention

app = typer.Typer(help="What is kept, and for how long.", no_args_is_help=True)
COLUMNS = ("service", "kind", "setting", "days", "due", "oldest", "what")
Of = Annotated[Service | None, typer.Argument(help="Only this service.")]


@app.command()
def show(service: Of = None) -> None:
    """Every kind of thing that is kept for its days, how many are due, and since when the oldest is there.

    The workers let go of what is due by themselves, every ten minutes.
    """
    show_table(COLUMNS, [line for name in _chosen(service) for line in _lines(name)], "Nothing is kept.")


@app.command()
def run(
    service: Of = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Let go now of what is due, as the workers do: in small bites, beside everything else."""
    chosen = _chosen(service)
    due = {(line[0], line[1]): line[4] for name in chosen for line in _lines(name)}
    show_table(("service", "kind", "due"), [(*key, number) for key, number in due.items() if number],
               "Nothing is due.")  # fmt: skip
    if dry_run or not any(due.values()):
        return
    confirm("Let go of this for good?", yes=yes)
    gone = [(name, kind, number) for name in chosen for kind, number in _clear(name).items() if number]
    show_table(("service", "kind", "gone"), gone, "Somebody else was faster.")


def _chosen(service: Service | None) -> list[Service]:
    return [service] if service else list(Service)


def _lines(service: Service) -> list[tuple[Any, ...]]:
    settings, kinds = _settings_of(service), KINDS[service]

    async def work(sessions: Sessions) -> list[tuple[Any, ...]]:
        found = await retention.look(sessions, kinds, settings)
        lines = []
        for kept in kinds:
            (due, oldest), _ = found[kept.kind]
            days = kept.days(settings)
            shown = f"{oldest:%Y-%m-%d}" if oldest else None
            name = kept.setting.upper()
            lines.append(
                (service.value, kept.kind, name, days or "for ever", due if days else 0, shown, kept.what)
            )
        return lines

    return ask(service, work)


def _clear(service: Service) -> dict[str, int]:
    settings, kinds = _settings_of(service), KINDS[service]

    async def work(sessions: Sessions) -> dict[str, int]:
        gone: dict[str, int] = {}
        while True:
            bite = await retention.round_of(sessions, kinds, settings)
            gone = {kind: gone.get(kind, 0) + number for kind, number in bite.items()}
            if not any(bite.values()):
                return gone

    return ask(service, work)


def _settings_of(service: Service) -> CommonSettings:
    """As the service's own programs read them: from the environment, or else from the local stack."""
    kind = import_module(f"services.{service}.settings").Settings
    stack = kept_by_the_stack()
    written = {name.lower(): value for name, value in (stack.values if stack else {}).items()}
    kept = {
        name: value
        for name, value in written.items()
        if name.startswith("keep_") and name in kind.model_fields and name.upper() not in os.environ
    }
    try:
        found: CommonSettings = kind(
            **kept, **{f"{service}_database_url": setting(f"{service.upper()}_DATABASE_URL")}
        )
    except SettingsError as error:
        raise fail(str(error)) from error
    return found
