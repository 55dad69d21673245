"""What the demo expects of the house, and whether it held."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.house import DemoError, wait_for


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

    def true(self, what: str, holds: bool, *, expected: str = "yes", found: str = "no") -> bool:
        self.made.append(Check(what, expected, found, holds))
        return holds

    def eventually(self, what: str, expected: Any, ask: Callable[[], Any], *, seconds: float = 30) -> bool:
        """Expect exactly this once the news has travelled through the services."""
        last: Any = None

        def arrived() -> bool | None:
            nonlocal last
            last = ask()
            return True if last == expected else None

        try:
            wait_for(what, arrived, seconds=seconds)
        except DemoError:
            return self.equal(f"{what}, after {seconds:.0f} s", expected, last)
        return self.equal(what, expected, last)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.made if not check.holds]
