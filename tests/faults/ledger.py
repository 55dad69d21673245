"""The equations that have to hold once all is quiet. One list; a difference names what differs.

To add one: write a function from the evidence to what is wrong, as texts, in the file of its subject, and
name it in EQUATIONS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults import ledger_events as events
from tests.faults import ledger_told as told
from tests.faults.evidence import Evidence, Record, unique


@dataclass(frozen=True, slots=True)
class Equation:
    name: str
    find: Callable[[Evidence], Iterator[str]]


EQUATIONS = (
    Equation("lost", events.lost),
    Equation("ghosts", events.ghosts),
    Equation("out of order", events.out_of_order),
    Equation("version gaps", events.version_gaps),
    Equation("unhandled", events.unhandled),
    Equation("stuck", events.stuck),
    Equation("doubled", events.doubled),
    Equation("captures not as told", told.captures),
    Equation("leads", told.leads),
    Equation("offers not as told", told.offers),
    Equation("deals not as told", told.deals),
    Equation("copies", told.copies),
    Equation("money", told.money),
)


def judge(seen: Evidence) -> dict[str, list[str]]:
    """What is wrong, by equation; all lists are empty when every equation holds."""
    return {equation.name: list(equation.find(seen)) for equation in EQUATIONS}


def duplicates(seen: Evidence) -> list[Record]:
    """Records that repeat an earlier one: allowed, and counted."""
    first = unique(seen.log)
    return [record for record in seen.log if first[record.id] is not record and record.id]
