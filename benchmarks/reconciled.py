"""`python -m benchmarks.reconciled`: how long reconcile takes over a company of so many leads.

Fresh servers. Databases and topics are filled by statements, as the services would have left them: every
lead qualified and offered, three in ten accepted, one in ten won with ten touches under four models.
"""

import asyncio
import resource
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.reconciled_seed import fill
from deploy.reconcile import Addresses, Findings, reconcile
from deploy.reconcile.shown import as_text, watched
from deploy.servers import running
from deploy.servers.postgres import Postgres
from shared import migrate, topics
from shared.relay import Relay

SERVICES = ("marketing", "handoff", "sales")


def main(
    leads: Annotated[int, typer.Option(min=1000)] = 1_000_000,
    *,
    kafka: Annotated[bool, typer.Option(help="Send the logs to the topics and read those as well.")] = True,
    break_one: Annotated[bool, typer.Option(help="Lose one assignment, and see it found.")] = True,
) -> None:
    """Fill, reconcile, and print what it took."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="leadloop-bench-") as folder:
        with running(Path(folder), kafka=kafka) as addresses:
            urls = {service: addresses.postgres_url_for(service) for service in SERVICES}
            where = Addresses(urls, addresses.kafka_bootstrap if kafka else None)
            asyncio.run(_prepare(where, addresses.postgres, leads))
            _report(console, _measured(where), leads)
            if break_one:
                addresses.postgres.run_sql(
                    "DELETE FROM assignments WHERE id = (SELECT id FROM assignments LIMIT 1)", "handoff"
                )
                console.print("One assignment is deleted:")
                _report(console, _measured(where), leads)


async def _prepare(where: Addresses, postgres: Postgres, leads: int) -> None:
    began = time.monotonic()
    for service, url in where.databases.items():
        await migrate.upgrade(url, service)
    await asyncio.to_thread(fill, postgres, leads)
    print(f"databases filled after {time.monotonic() - began:.0f} s", flush=True)
    if where.kafka:
        await topics.create(where.kafka)
        stopping = asyncio.Event()
        relays = [Relay(url, where.kafka, name=service) for service, url in where.databases.items()]
        tasks = [asyncio.create_task(relay.run(stopping)) for relay in relays]
        try:
            while await _pending(where):
                await asyncio.sleep(1)
        finally:
            stopping.set()
            for relay in relays:
                relay.wakeup.ring()
            await asyncio.gather(*tasks)
        print(f"topics filled after {time.monotonic() - began:.0f} s", flush=True)


async def _pending(where: Addresses) -> int:
    import asyncpg  # noqa: PLC0415 - only here

    total = 0
    for url in where.databases.values():
        connection = await asyncpg.connect(url)
        total += await connection.fetchval("SELECT count(*) FROM (SELECT FROM outbox_pending LIMIT 1) p")
        await connection.close()
    return total


def _measured(where: Addresses) -> Findings:
    with watched(Console(stderr=True)) as progress:
        return asyncio.run(reconcile(where, patience=2, within=None, progress=progress))


def _report(console: Console, findings: Findings, leads: int) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(as_text(findings))
    console.print(f"{leads:,} leads: {findings.seconds:.1f} s; this process has used at most {memory:.0f} MB.")


if __name__ == "__main__":
    typer.run(main)
