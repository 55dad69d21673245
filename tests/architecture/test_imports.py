"""Each import contract holds, and each has been seen to break when somebody violates it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = {
    "Services do not know each other": (
        "services/sales/selling/deals/rules.py",
        "import services.handoff.base\n",
    ),
    "Each house stands on those below": (
        "shared/money.py",
        "import services.sales.base\n",
    ),
    "Floors of shared": ("shared/database/sessions.py", "import shared.messaging.outbox\n"),
    "Rules are pure": ("services/handoff/routing/fairness/rules.py", "import sqlalchemy\n"),
    "Inside a slice, calls go one way": (
        "services/handoff/staff/reps/queries.py",
        "import services.handoff.staff.reps.use_cases\n",
    ),
    "Areas of marketing import downward": (
        "services/marketing/acquisition/campaigns/queries.py",
        "import services.marketing.capture.deliveries.tables\n",
    ),
    "Areas of handoff import downward": (
        "services/handoff/staff/reps/queries.py",
        "import services.handoff.routing.allocation.tables\n",
    ),
    "Areas of sales import downward": (
        "services/sales/selling/deals/queries.py",
        "import services.sales.work.activities.schemas\n",
    ),
    "Only the consumer, the producer, the topics and reconcile speak to Kafka": (
        "shared/messaging/relay.py",
        "import aiokafka\n",
    ),
}


def lint(folder: Path) -> str:
    done = subprocess.run(
        [LINT, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(folder)},
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("benchmarks", "services", "shared", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_hold() -> None:
    assert "0 broken" in lint(ROOT)


def test_every_contract_is_tried() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_breaks_when_violated(contract: str, copy: Path) -> None:
    name, line = VIOLATIONS[contract]
    file = copy / name
    file.write_text(file.read_text() + "\n" + line)

    assert any(row.startswith(contract) and "BROKEN" in row for row in lint(copy).splitlines())
