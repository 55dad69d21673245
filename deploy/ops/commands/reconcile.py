"""`leadloop reconcile`: does every service say the same? A table, JSON, or gauges for Prometheus."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from deploy.ops.addresses import Addresses, database_urls, prefix
from deploy.ops.addresses import kafka as kafka_address
from deploy.ops.reconcile.equations import EQUATIONS
from deploy.ops.reconcile.findings import Findings
from deploy.ops.reconcile.published import NAMES
from deploy.ops.reconcile.rounds import WITHIN
from deploy.ops.reconcile.rounds import reconcile as look
from deploy.ops.reconcile.servers import UnreachableError
from deploy.ops.reconcile.shown import Progress, as_text, nobody, watched

COULD_NOT_LOOK = 2
WIDE = 140  # columns, where no terminal says how many there are


def reconcile(
    only: Annotated[list[str] | None, typer.Option(help="An equation by name. Repeatable.")] = None,
    days: Annotated[
        int, typer.Option(min=0, help="How far back events are compared by id; 0: to the beginning.")
    ] = WITHIN.days,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for events that are on their way.")
    ] = 20,
    *,
    json: Annotated[bool, typer.Option("--json", help="Everything, for machines.")] = False,
    kafka: Annotated[bool, typer.Option(help="Compare the topics with the outbox logs as well.")] = True,
    every: Annotated[
        int, typer.Option(min=0, help="Look again every so many seconds, and serve the metrics.")
    ] = 0,
    metrics_port: Annotated[int, typer.Option(help="Where the gauges are served, with --every.")] = 9010,
) -> None:
    """Check that all services and Kafka say the same. Reads only.

    Ends with 0 when everything holds, 1 when something does not, 2 when it could not look.
    """
    known = [*(one.name for one in EQUATIONS), *NAMES]
    if unknown := set(only or ()) - set(known):
        raise typer.BadParameter(f"no equation {sorted(unknown)[0]!r}; there are {', '.join(known)}")
    addresses = Addresses(database_urls(), kafka_address() if kafka else None, prefix())
    within = timedelta(days=days) if days else None

    async def once(progress: Progress = nobody) -> Findings:
        return await look(addresses, patience=patience, within=within, only=only, progress=progress)

    if every:
        from deploy.ops.reconcile.metrics import serve  # noqa: PLC0415 - needs a port, others don't

        asyncio.run(serve(once, every=every, port=metrics_port))
        return
    try:
        with watched(Console(stderr=True)) as progress:
            findings = asyncio.run(once(progress))
    except UnreachableError as error:
        print(f"leadloop: {error}", file=sys.stderr)
        raise typer.Exit(COULD_NOT_LOOK) from error
    if json:
        print(findings.as_json())
    else:
        Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(as_text(findings))
    raise typer.Exit(0 if findings.holds else 1)
