"""A service that is told to stop finishes what runs."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx

from deploy.local.servers import free_port
from tests.shared.http.test_wire import live
from tests.support.keys import Keys


async def test_the_stop_loses_nobody(things_database: str, keys: Keys, tmp_path: Path) -> None:
    """SIGTERM: readiness ends at once, the door a second later; what runs is finished; exit code 0."""
    port = free_port()
    environment = {
        **os.environ,
        **keys.environment("handoff"),
        "HANDOFF_DATABASE_URL": things_database,
        "PORT": str(port),
        "STOP_DELAY_SECONDS": "1",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    with (tmp_path / "out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.shared.http.things", env=environment, stdout=out, stderr=out
        )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        await live(client)
        running = asyncio.create_task(client.post("/v1/things/nap"))
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        ready, served = await client.get("/readyz"), await client.get("/livez")
        finished = await running

    assert (ready.status_code, served.status_code) == (503, 200)
    assert finished.status_code == 200
    assert await asyncio.wait_for(process.wait(), 10) == 0
