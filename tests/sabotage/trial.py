"""One trial: a copy of the tree, one bug in it, the tests that have to notice, and what they said."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.sabotage.bug import Bug, NoLongerAppliesError
from tests.sabotage.witness import REPORT

TREE = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # seconds for one trial; a bug that makes its test hang is not caught, only slow
FAILED = 1  # pytest's exit code for "tests ran, and some failed"
TIMED_OUT = "from pytest-timeout"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one bug. `why_not` is empty when it was caught."""

    bug: Bug
    seconds: float
    why_not: str = ""
    stale: bool = False
    said: str = ""
    tries: int = 1
    catches: int = 0  # of these tries

    @property
    def caught(self) -> bool:
        return not self.why_not


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict of several trials of a bug: it is caught when each of them caught it."""
    caught = sum(verdict.caught for verdict in verdicts)
    worst = next((verdict for verdict in verdicts if not verdict.caught), verdicts[0])
    seconds = sum(verdict.seconds for verdict in verdicts)
    return replace(worst, seconds=seconds, tries=len(verdicts), catches=caught)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run of pytest left: its exit code and the witness's report."""

    exit: int
    failed: Mapping[str, str] = field(default_factory=dict)
    passed: Sequence[str] = ()
    broken: Mapping[str, str] = field(default_factory=dict)  # in their set-up or tear-down
    strangers: Sequence[str] = ()
    output: str = ""


def files() -> list[str]:
    """What belongs to the tree: tracked files, and new ones that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TREE, check=True, capture_output=True).stdout
    return [name for name in listed.decode().split("\0") if name and (TREE / name).is_file()]


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the tree of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="leadloop-sabotage-") as folder:
        tree = Path(folder) / "tree"
        for name in files():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TREE / name, tree / name)
        yield tree


async def attempt(bug: Bug, servers: Mapping[str, str]) -> Verdict:
    """Apply a bug to a copy and see whether each of its tests fails."""
    began = time.monotonic()
    with copied() as tree:
        try:
            bug.apply(tree)
        except NoLongerAppliesError as error:
            return Verdict(bug, 0.0, str(error), stale=True)
        heard = await run(tree, bug.caught_by, servers, limit=PATIENCE)
    why_not = judge(bug, heard)
    said = next(iter(heard.failed.values()), "").strip().splitlines()
    return Verdict(
        bug, time.monotonic() - began, why_not, said=said[-1] if said else "", catches=int(not why_not)
    )


def judge(bug: Bug, heard: Heard) -> str:
    """Why a bug was not caught; empty when each of its tests failed by itself."""
    if heard.strangers:
        return f"not the copy was tested: {heard.strangers[0]}"
    if heard.exit != FAILED:
        return f"pytest ended with {heard.exit}, not with a failed test: {last_line(heard.output)}"
    for test in bug.caught_by:
        reasons = [why for name, why in heard.failed.items() if is_of(name, test)]
        if not reasons:
            broken = [why.splitlines()[-1] for name, why in heard.broken.items() if is_of(name, test)]
            return f"{test} broke beside its test: {broken[0]}" if broken else f"{test} did not fail"
        if all(TIMED_OUT in why for why in reasons):
            return f"{test} hung and was ended, which says nothing"
    return ""


def is_of(name: str, test: str) -> bool:
    """Whether a reported name is this test, or one of its parametrised forms."""
    return name == test or name.startswith(f"{test}[")


def last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "nothing was said"


async def run(tree: Path, tests: Sequence[str], servers: Mapping[str, str], *, limit: float) -> Heard:
    """pytest on a copy of the tree, in a session of its own, which is ended whatever happens."""
    report = tree.parent / "heard.json"
    environment = {
        **os.environ,
        **servers,
        REPORT: str(report),
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
        # The name under which all trials share the migrated template databases.
        "PYTEST_XDIST_TESTRUNUID": f"sabotage{os.getpid()}",
    }
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.sabotage.witness"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *[*arguments, "-p", "no:xdist", "--tb=line", *tests],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit):
            output, _ = await process.communicate()
    except TimeoutError:
        return Heard(-1, output=f"nothing came of it within {limit:.0f} s")
    finally:
        await end(process)
    if not report.exists():
        return Heard(process.returncode or -1, output=output.decode(errors="replace"))
    found = json.loads(report.read_text())
    return Heard(
        process.returncode or 0,
        found["failed"],
        found["passed"],
        found["broken"],
        found["strangers"],
        output.decode(errors="replace"),
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """Nothing of a trial stays behind: its whole session is killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
