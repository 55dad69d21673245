"""A pytest plugin for a run on a copy: which tests failed in their own words, and whose code they ran.

The virtual environment leads to the checkout, too; a module imported from there would make the
whole trial worthless, so the witness looks at where each one came from.
"""

import json
import os
import sys
from pathlib import Path

import pytest

REPORT = "SABOTAGE_REPORT"
OURS = ("services", "shared", "deploy", "tests")

_failed: dict[str, str] = {}
_passed: set[str] = set()
_broken: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # Set-up and tear-down are no test's word: what fails there is not counted as caught.
    if report.when != "call" and report.failed:
        _broken[report.nodeid] = str(report.longrepr)[-1500:]
    elif report.when == "call" and report.failed:
        _failed[report.nodeid] = str(report.longrepr)[-1500:]
    elif report.when == "call" and report.passed:
        _passed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    found = {
        "exit": int(exitstatus),
        "failed": _failed,
        "passed": sorted(_passed),
        "broken": _broken,
        "strangers": strangers(Path(session.config.rootpath)),
    }
    Path(os.environ[REPORT]).write_text(json.dumps(found))


def strangers(tree: Path) -> list[str]:
    """Modules of ours that do not come from this tree."""
    found = []
    for name, module in sorted(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if (
            name.split(".")[0] in OURS
            and origin
            and not Path(origin).resolve().is_relative_to(tree.resolve())
        ):
            found.append(f"{name} from {origin}")
    return found
