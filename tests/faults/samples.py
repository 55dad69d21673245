"""How many events came a second time, by the workers' own counters, which a crash sets back to nothing."""

import asyncio
import re
from collections import defaultdict

from deploy.local.servers.ports import HOST
from tests.faults.house import WORKERS, House

_REPEATED = re.compile(rb"^leadloop_events_repeated_total\{[^}]*\} (\S+)", re.MULTILINE)
EVERY = 1.0


class Repeats:
    """Adds up what each worker's counter rose by; a lower figure than before means a new process."""

    def __init__(self, house: House) -> None:
        self.total = 0
        self._house = house
        self._last: defaultdict[str, int] = defaultdict(int)

    async def watch(self) -> None:
        """Look once a second, for ever."""
        while True:
            for name in WORKERS:
                seen = await _counted(self._house.programs[name].port)
                if seen is None:
                    continue
                self.total += seen - self._last[name] if seen >= self._last[name] else seen
                self._last[name] = seen
            await asyncio.sleep(EVERY)


async def _counted(port: int) -> int | None:
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            page = await reader.read()
    except (OSError, TimeoutError):
        return None
    finally:
        if writer is not None:
            writer.close()
    return int(sum(float(value) for value in _REPEATED.findall(page)))
