"""What a sabotage is: one line of the product made wrong, and the ordinary tests that have to notice."""

from dataclasses import dataclass
from pathlib import Path


class NoLongerAppliesError(Exception):
    """The old text is not in its file exactly once: the code has moved on, and the bug with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """`old` becomes `new` in `file`; each of the tests in `caught_by` must then fail.

    The text is found by its content, not by its line, so that a bug survives moving code.
    """

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The file's text with the bug in it. Raises NoLongerAppliesError."""
        times = text.count(self.old)
        if times != 1 or self.old == self.new:
            raise NoLongerAppliesError(
                f"“{self.name}” no longer applies: its old text is {times} times in {self.file}, not once. "
                "Give it the text as it is now, or take the bug out if what it broke is gone."
            )
        return text.replace(self.old, self.new)

    def apply(self, tree: Path) -> None:
        """Write the bug into a copy of the tree. Raises NoLongerAppliesError."""
        path = tree / self.file
        if not path.is_file():
            raise NoLongerAppliesError(f"“{self.name}” no longer applies: there is no {self.file} any more.")
        path.write_text(self.applied(path.read_text()))


def part_of(bugs: tuple[Bug, ...], number: int, parts: int) -> tuple[Bug, ...]:
    """Every `parts`-th bug, beginning with the `number`-th: all parts together are all bugs, each once."""
    if not 1 <= number <= parts:
        raise ValueError(f"There is no part {number} of {parts}.")
    return bugs[number - 1 :: parts]
