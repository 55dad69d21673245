"""Who was refused (401, 403): counted in memory and written down every few seconds, a row for each of them.

A row for each request would let a stranger fill the disk. Whoever comes from one network with one name is one
line; when there are too many, the rest are one line together. What a process that is killed has not written
yet is in its log all the same.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime

from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import Sessions, driver
from shared.http.client_address import network_of
from shared.observability.logs import get_logger

EVERY = 15.0
MOST = 50  # lines of one writing: 12,000 an hour and process, whatever is sent
MANY = "(others)"
INSERT = """
INSERT INTO audit_events (id, subject, kind, roles, credential, address, request_id, method, route,
                          object_kind, object_id, status, changes, number, since, at)
VALUES ($1, $2, $3, '{}', $4, $5, $6, $7, $8, '', NULL, $9, '[]', $10, $11, $12)
"""
log = get_logger()


@dataclass(slots=True)
class _Line:
    """What was refused last, of how many, and since when."""

    kind: str
    credential: str
    method: str
    route: str
    request_id: str
    since: datetime
    at: datetime
    number: int = 0


class Refusals:
    """Of one process."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lines: dict[tuple[int, str, str], _Line] = {}

    def note(
        self, status: int, caller: Caller | None, address: str, method: str, route: str, request_id: str
    ) -> None:
        """One refusal. Costs a look into a dictionary."""
        subject = caller.subject[:240] if caller is not None else ""
        key = (status, subject, network_of(address))
        if key not in self._lines and len(self._lines) >= MOST:
            key, caller = (status, MANY, MANY), None
        now = clock.now()
        line = self._lines.get(key)
        if line is None:
            kind = caller.kind if caller is not None else "nobody"
            line = self._lines[key] = _Line(kind, "", method, route, request_id, now, now)
        line.credential = caller.credential[:240] if caller is not None else ""
        line.method, line.route, line.request_id, line.at = method, route, request_id, now
        line.number += 1

    async def flush(self) -> None:
        """Write down what was counted. What can't be written now is counted on."""
        lines, self._lines = self._lines, {}
        rows = [
            (
                clock.new_id(), subject, line.kind, line.credential, network, line.request_id, line.method,
                line.route, status, line.number, line.since, line.at,
            )
            for (status, subject, network), line in lines.items()
        ]  # fmt: skip
        if not rows:
            return
        try:
            async with self._sessions.begin() as session:
                await (await driver(session)).executemany(INSERT, rows)
        except Exception as error:  # noqa: BLE001 - whatever it was: they are counted on, and written later
            log.warning("refusals_not_written", count=len(rows), error_type=type(error).__name__)
            for key, line in lines.items():
                line.number += self._lines[key].number if key in self._lines else 0
                self._lines[key] = line

    async def run(self) -> None:
        """Until it is cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self.flush()
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.flush(), 2)
