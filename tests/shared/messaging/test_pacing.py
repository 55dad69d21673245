"""Small rounds wait for their turn; a full one and the first after a pause do not. By the test's clock."""

import pytest

from shared.messaging import pacing
from shared.messaging.pacing import APART, FULL, Pace


class Clock:
    """Time passes only by sleeping, and when the test says so."""

    def __init__(self) -> None:
        self.time = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pacing, "time", clock)
    monkeypatch.setattr(pacing, "asyncio", clock)
    return clock


async def test_a_small_round_begins_a_while_after_the_one_before(clock: Clock) -> None:
    pace = Pace()
    await pace.next_round(of=1)
    assert clock.slept == []
    clock.time += APART / 4  # the round's own work is a part of the wait
    await pace.next_round(of=FULL - 1)
    assert clock.slept == [pytest.approx(APART * 3 / 4)]


async def test_a_full_round_and_one_after_a_pause_wait_for_nobody(clock: Clock) -> None:
    pace = Pace()
    await pace.next_round(of=1)
    await pace.next_round(of=FULL)
    clock.time += APART
    await pace.next_round(of=1)
    assert clock.slept == []
