"""So many at once, so many a second: against a count by hand, and with a memory that does not grow."""

from hypothesis import given
from hypothesis import strategies as st

from shared import rate_limits
from shared.rate_limits import RateLimit


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_goes_on_and_the_next_waits_its_time() -> None:
    clock = Clock()
    limit = RateLimit(burst=3, per_second=0.5, now=clock)
    assert [limit.take("a").wait for _ in range(5)] == [0, 0, 0, 2, 2]
    assert limit.wait("a") == 2
    assert limit.take("b") == (0, 1)  # each network for itself
    clock.at += 2
    assert [limit.take("a").wait for _ in range(2)] == [0, 2]
    clock.at += 1000
    assert [limit.take("a").used for _ in range(4)] == [1, 2, 3, 3]


@given(gaps=st.lists(st.integers(0, 30), max_size=100), burst=st.integers(1, 20), seconds=st.integers(1, 8))
def test_it_takes_what_a_bucket_of_tokens_would(gaps: list[int], burst: int, seconds: int) -> None:
    clock = Clock()
    limit = RateLimit(burst=burst, per_second=1 / seconds, now=clock)
    tokens = burst * seconds  # in seconds, so that they are whole numbers
    for gap in gaps:
        clock.at += gap
        tokens = min(burst * seconds, tokens + gap)
        goes_on = tokens >= seconds
        assert (limit.take("a").wait == 0) == goes_on
        tokens -= seconds if goes_on else 0


def test_a_flood_of_networks_does_not_grow_it_and_frees_nobody_who_floods() -> None:
    clock = Clock()
    limit = RateLimit(burst=10, per_second=0.01, most=64, now=clock)
    while not limit.take("flooder").wait:
        pass
    for number in range(10_000):
        limit.take(f"other {number}")
        assert len(limit) <= 64
    assert limit.take("flooder").wait > 0


def test_those_whose_burst_is_whole_again_make_room_first() -> None:
    clock = Clock()
    limit = RateLimit(burst=10, per_second=1, most=8, now=clock)
    for number in range(8):
        limit.take(f"old {number}")
    clock.at += 1.5
    for _ in range(3):
        assert limit.take("new").wait == 0
    assert len(limit) == 1


def test_what_callers_are_told() -> None:
    limit = RateLimit(burst=2, per_second=0.5, now=Clock())
    assert rate_limits.policy("key", limit) == ("RateLimit-Policy", '"key";q=2;w=4')
    said = [rate_limits.standing("key", limit, limit.take("a"))[1] for _ in range(3)]
    assert said == ['"key";r=1;t=2', '"key";r=0;t=2', '"key";r=0;t=2']
