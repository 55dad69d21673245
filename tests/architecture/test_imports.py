"""Each import contract holds, and each has been seen to break when somebody violates it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

# File, and a line that breaks the contract; an empty line where the file's being there does.
VIOLATIONS = {
    "Every part of deploy has a floor": ("deploy/fresh/__init__.py", ""),
    "Only the migrations know several services": ("services/fresh/__init__.py", ""),
    "Inside marketing's acquisition": (
        "services/marketing/acquisition/campaigns/queries.py",
        "import services.marketing.acquisition.spend.queries\n",
    ),
    "Inside marketing's people": (
        "services/marketing/people/contacts/queries.py",
        "import services.marketing.people.touches.queries\n",
    ),
    "Inside marketing's funnel": (
        "services/marketing/funnel/scoring/queries.py",
        "import services.marketing.funnel.lifecycle.queries\n",
    ),
    "Inside marketing's capture": (
        "services/marketing/capture/sources/queries.py",
        "import services.marketing.capture.deliveries.queries\n",
    ),
    "Inside marketing's connectors": (
        "services/marketing/capture/connectors/google_ads/adapter.py",
        "import services.marketing.capture.connectors.meta.adapter\n",
    ),
    "Inside marketing's revenue": (
        "services/marketing/revenue/attribution/queries.py",
        "import services.marketing.revenue.reports.queries\n",
    ),
    "Inside handoff's routing": (
        "services/handoff/routing/rule_sets/queries.py",
        "import services.handoff.routing.fairness.queries\n",
    ),
    "Inside handoff's handshake": (
        "services/handoff/handshake/assignments/queries.py",
        "import services.handoff.handshake.deals.queries\n",
    ),
    "Inside sales' reference": (
        "services/sales/reference/rates/queries.py",
        "import services.sales.reference.reps.queries\n",
    ),
    "Inside sales' selling": (
        "services/sales/selling/payments/queries.py",
        "import services.sales.selling.closing.use_cases\n",
    ),
    "An area of one slice says where its second one goes": ("services/handoff/staff/fresh/__init__.py", ""),
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


CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
WHOLE = [contract for contract in CONTRACTS if contract.get("exhaustive")]


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
    assert {contract["name"] for contract in CONTRACTS} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_breaks_when_violated(contract: str, copy: Path) -> None:
    name, line = VIOLATIONS[contract]
    file = copy / name
    file.parent.mkdir(exist_ok=True)
    file.write_text((file.read_text() if file.exists() else "") + "\n" + line)

    assert any(row.startswith(contract) and "BROKEN" in row for row in lint(copy).splitlines())


@pytest.mark.parametrize("contract", WHOLE, ids=lambda contract: contract["name"])
def test_a_new_folder_without_a_floor_breaks_the_contract(contract: dict[str, Any], copy: Path) -> None:
    fresh = copy.joinpath(*contract["containers"][-1].split("."), "fresh")
    fresh.mkdir()
    (fresh / "__init__.py").touch()

    assert f"{contract['name']} BROKEN" in lint(copy)
