"""`python -m benchmarks.reconciled`: how long `leadloop reconcile` takes over a company of so many leads.

Fresh servers. Databases and topics are filled by statements, as the services would have left them: every
lead qualified and offered, three in ten accepted, one in ten won with ten touches under four models.
"""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.reconciled_seed import fill
from deploy.local.servers import Postgres, running
from deploy.ops.reconcile import Addresses
from deploy.ops.recovery.rebuild import still_queued
from services import migrate
from services.topics import create_topics
from shared.messaging.relay import Relay
from shared.services import SERVICES


def main(
    leads: Annotated[int, typer.Option(min=1000)] = 1_000_000,
    *,
    kafka: Annotated[bool, typer.Option(help="Send the logs to the topics and read those as well.")] = True,
) -> None:
    """Fill, reconcile, and print what it took; then lose one assignment, and see it found."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # new topics have no leader at first
    with (
        tempfile.TemporaryDirectory(prefix="leadloop-bench-") as folder,
        running(Path(folder), kafka=kafka) as addresses,
    ):
        urls = {service: addresses.postgres_url_for(service) for service in SERVICES}
        where = Addresses(urls, addresses.kafka_bootstrap if kafka else None)
        began = time.monotonic()
        asyncio.run(_migrate(where))
        fill(addresses.postgres, leads, queue=kafka)
        print(f"databases filled after {time.monotonic() - began:.0f} s", flush=True)
        if kafka:
            asyncio.run(_send(where))
            print(f"topics filled after {time.monotonic() - began:.0f} s", flush=True)
        _measure(where, leads, addresses.postgres)
        addresses.postgres.run_sql(
            "DELETE FROM assignments WHERE id = (SELECT id FROM assignments LIMIT 1)", "handoff"
        )
        print("One assignment is deleted:")
        _measure(where, leads, addresses.postgres)


async def _migrate(where: Addresses) -> None:
    for service, url in where.databases.items():
        await migrate.upgrade(url, service)


async def _send(where: Addresses) -> None:
    assert where.kafka is not None
    await create_topics(where.kafka)
    stopping = asyncio.Event()
    relays = [Relay(url, where.kafka, name=service) for service, url in where.databases.items()]
    tasks = [asyncio.create_task(relay.run(stopping)) for relay in relays]
    try:
        while left := await still_queued(where):
            print(f"  {left:,} events to send", flush=True)
            await asyncio.sleep(10)
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


def _measure(where: Addresses, leads: int, postgres: Postgres) -> None:
    """In a process of its own, whose memory and processor time are its own."""
    environment = {f"{service.upper()}_DATABASE_URL": url for service, url in where.databases.items()}
    command = [
        sys.executable,
        "-c",
        "from deploy.ops.program import main; main()",
        "reconcile",
        "--days",
        "0",
    ]
    if where.kafka:
        environment["KAFKA_BOOTSTRAP"] = str(where.kafka)
    else:
        command.append("--no-kafka")
    began, before = time.monotonic(), _ended_sessions(postgres)
    child = subprocess.Popen(command, env={**os.environ, **environment})
    _, _, used = os.wait4(child.pid, 0)
    seconds, ours = time.monotonic() - began, used.ru_utime + used.ru_stime
    print(
        f"{leads:,} leads: {seconds:.1f} s; processor time of the process {ours:.1f} s, of PostgreSQL "
        f"{_ended_sessions(postgres) - before:.1f} s; at most {used.ru_maxrss / 1024:.0f} MB.",
        flush=True,
    )


def _ended_sessions(postgres: Postgres) -> float:
    """Processor seconds of all sessions that have ended: reconcile's are among them when it is done."""
    assert postgres.running is not None
    times = psutil.Process(postgres.running.pid).cpu_times()
    return float(times.children_user + times.children_system)


if __name__ == "__main__":
    typer.run(main)
