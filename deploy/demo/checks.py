"""What the demo expects of the house, and whether it held."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    what: str
    expected: str
    found: str
    holds: bool


@dataclass
class Checks:
    """Collected while the story is played; all of them have to hold for exit code 0."""

    made: list[Check] = field(default_factory=list)

    def equal(self, what: str, expected: Any, found: Any) -> bool:
        """Expect exactly this."""
        return self.true(what, expected == found, expected=str(expected), found=str(found))

    def true(self, what: str, holds: bool, *, expected: str = "", found: str = "") -> bool:
        self.made.append(Check(what, expected, found, holds))
        return holds

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.made if not check.holds]
