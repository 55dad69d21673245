"""Ends a process whose work stands still although it need not: the supervisor then starts a new one.

aiokafka's clients can get stuck for good, and the loop they are in with them, so a thread looks on.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable

from structlog import get_logger

from shared.messaging.brokers import Where
from shared.messaging.producer import broker_answers

LOOK_EVERY = 5.0
TRY_AGAIN = 75  # EX_TEMPFAIL

log = get_logger()


class Watchdog(threading.Thread):
    """`waiting_since` is when work began to stand still, by the monotonic clock; None while there is none."""

    def __init__(
        self, of: str, waiting_since: Callable[[], float | None], *, patience: float, bootstrap: Where
    ) -> None:
        super().__init__(name=f"{of}-watchdog", daemon=True)
        self._of, self._waiting_since, self._patience = of, waiting_since, patience
        self._brokers = bootstrap
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            since = self._waiting_since()
            if since is None or time.monotonic() - since < self._patience:
                continue
            if asyncio.run(broker_answers(self._brokers)) and self._waiting_since() == since:
                log.error("work_stuck", work=self._of, duration=round(time.monotonic() - since))
                os._exit(TRY_AGAIN)
