"""The schedule: which faults, in which order, after which gaps. The same seed draws the same one, always."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.faults.catalogue import Fault


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault to come. `seed` is where its own random choices (victim, moment, length) are drawn from."""

    number: int
    fault: Fault
    gap: float  # seconds after the one before it could begin
    seed: str


def draw(seed: int, segment: int, faults: Sequence[Fault], count: int, *, gap: float) -> list[Planned]:
    """`count` faults of one segment. Each fault there is comes before any comes again by its weight.

    Which come first differs from segment to segment, so that a few segments show all of them; those that are
    `always` come in each.
    """
    rng = Random(f"{seed}/{segment}")
    once = list(faults)
    rng.shuffle(once)
    once.sort(key=lambda fault: not fault.always)
    drawn = once[:count]
    drawn += rng.choices(list(faults), [fault.weight for fault in faults], k=count - len(drawn))
    rng.shuffle(drawn)
    return [
        Planned(number, fault, round(rng.uniform(0.2, 1.8) * gap, 3), f"{seed}/{segment}/{number}")
        for number, fault in enumerate(drawn, 1)
    ]
