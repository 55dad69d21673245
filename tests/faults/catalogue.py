"""The one place to add a fault: write its `inject`, and name it in FAULTS of a module listed here.

`inject(house, rng)` does the harm, undoes it, and answers figures. Everything random comes from `rng`. What
it harms it holds (`async with house.holding("sales-worker")`), so that faults that would get in each
other's way take turns; all others overlap. The driver adds how long a fresh lead takes to come through
afterwards, the duplicates in the log and the redelivered events, and the ledger judges at the end.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.house import House


@dataclass(frozen=True, slots=True)
class Injection:
    """What one fault did: figures to print, and what it hit."""

    figures: Mapping[str, float] = field(default_factory=dict)
    victim: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`weight`: how often it is drawn, next to the others. `slow` ones are never two at a time.

    `always`: in every run, however short.
    """

    name: str
    weight: int
    inject: Callable[["House", Random], Awaitable[Injection]]
    slow: bool = False
    always: bool = False


def every_fault() -> tuple[Fault, ...]:
    """All faults there are, in a fixed order: the schedule is drawn from it."""
    from tests.faults.injections import (  # noqa: PLC0415 - they import this module
        broker,
        clients,
        clock,
        corrupt,
        crash_points,
        deliveries,
        deploys,
        disk,
        events,
        network,
        poison,
        postgres,
        processes,
        versions,
        zombies,
    )

    modules = (
        processes,
        crash_points,
        deploys,
        disk,
        zombies,
        postgres,
        broker,
        network,
        poison,
        deliveries,
        events,
        corrupt,
        clients,
        clock,
        versions,
    )
    return tuple(fault for module in modules for fault in module.FAULTS)


def missing() -> list[str]:
    """What can't be done on this machine, and what it would take."""
    from tests.faults.injections import clock, disk  # noqa: PLC0415

    return [module.MISSING for module in (clock, disk) if module.MISSING]
