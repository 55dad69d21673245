"""Keeps rounds of small batches a little apart, so that what comes meanwhile shares the next one.

A round costs as much as ten to twenty items, whatever is in it: at a hundred leads a second, rounds as
fast as they go fill the machine, and everybody waits for it.
"""

import asyncio
import time

APART = 0.012  # seconds
FULL = 100  # so many items make a round worth its cost


class Pace:
    """One loop's pace. A round after a longer pause begins at once, and so does a full one."""

    def __init__(self, apart: float = APART) -> None:
        self._apart = apart
        self._began = float("-inf")

    async def next_round(self, *, of: int) -> None:
        """Wait until it is time for a round of about so many items; it begins when this returns."""
        early = self._began + self._apart - time.monotonic()
        if early > 0 and of < FULL:
            await asyncio.sleep(early)
        self._began = time.monotonic()
