"""What an operator and a Prometheus see of it."""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path

import httpx
import pytest

from deploy.local.servers import free_port
from deploy.ops.reconcile.equations import EQUATIONS
from deploy.ops.reconcile.published import NAMES
from tests.deploy.ops.reconcile.conftest import Company
from tests.deploy.ops.test_operators import leadloop
from tests.support.loop import until

PAGE = (Path(__file__).parents[4] / "docs" / "reconcile.md").read_text()


@pytest.fixture(autouse=True)
def operator(company: Company, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for service, url in company.addresses.databases.items():
        monkeypatch.setenv(f"{service.upper()}_DATABASE_URL", url)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", str(company.addresses.kafka))
    monkeypatch.setenv("TOPIC_PREFIX", company.addresses.prefix)
    monkeypatch.setenv("COLUMNS", "300")
    return monkeypatch


@pytest.mark.timeout(300)
async def test_a_difference_is_named_with_its_ids_and_what_to_do(
    company: Company, operator: pytest.MonkeyPatch
) -> None:
    held = await leadloop("reconcile", "--days", "0")
    assert (held.exit_code, "equations hold" in held.output) == (0, True), held.output

    await company.change(
        "marketing", "UPDATE deals SET version = 1 WHERE deal_id = $1::uuid", company.ids["lost_deal"]
    )
    operator.setenv("MARKETING_DATABASE_URL", company.addresses.databases["marketing"])
    shown = await leadloop("reconcile", "--patience", "1")
    told = json.loads((await leadloop("reconcile", "--patience", "1", "--json")).stdout)

    deal = company.ids["lost_deal"]
    assert shown.exit_code == 1
    assert f"leadloop outbox republish sales sales.deals {deal}" in shown.output
    assert (told["holds"], told["broken"]) == (False, ["deals"])
    [line] = [line for line in told["equations"] if not line["holds"]]
    assert [one["key"] for one in line["differences"]] == [deal]


async def test_a_server_that_is_away_is_named(operator: pytest.MonkeyPatch) -> None:
    operator.setenv("SALES_DATABASE_URL", f"postgresql://sales:x@127.0.0.1:{free_port()}/sales")
    database = await leadloop("reconcile")
    operator.undo()

    assert (database.exit_code, "the database of sales" in database.output) == (2, True)
    assert database.output.count("\n") == 1


@pytest.mark.timeout(200)
async def test_kafka_that_is_away_is_named(operator: pytest.MonkeyPatch) -> None:
    operator.setenv("KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")

    kafka = await leadloop("reconcile")
    without = await leadloop("reconcile", "--no-kafka", "--only", "deals")

    assert (kafka.exit_code, "Kafka at 127.0.0.1" in kafka.output) == (2, True)
    assert without.exit_code == 0


async def test_an_unknown_equation_is_refused() -> None:
    refused = await leadloop("reconcile", "--only", "karma")

    assert (refused.exit_code, "karma" in refused.output) == (2, True)


@pytest.mark.timeout(200)
async def test_prometheus_gets_gauges_until_it_is_stopped(company: Company) -> None:
    await company.change("handoff", "UPDATE loads SET open_leads = open_leads + 1")
    port = free_port()
    command = (
        "from deploy.ops.program import main; main()",
        "reconcile",
        "--every",
        "600",
        "--metrics-port",
        str(port),
    )
    environment = {f"{name.upper()}_DATABASE_URL": url for name, url in company.addresses.databases.items()}
    environment |= {"KAFKA_BOOTSTRAP": str(company.addresses.kafka), "TOPIC_PREFIX": company.addresses.prefix}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", *command, "--patience", "1", env=environment
    )
    try:
        async with httpx.AsyncClient() as client:

            async def looked() -> str | None:
                try:
                    text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
                except httpx.TransportError:
                    return None
                return text if 'leadloop_reconcile_difference{equation="loads"}' in text else None

            text = await until(looked, "it has looked once", seconds=120)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0

    assert re.search(r'difference\{equation="loads"\} [1-9]', text)
    assert 'difference{equation="deals"} 0.0' in text
    assert "leadloop_reconcile_holds 0.0" in text
    assert re.search(r"last_run_timestamp_seconds 1\.", text)


def test_every_equation_is_explained_and_every_remedy_leads_somewhere() -> None:
    names = {*(one.name for one in EQUATIONS), *NAMES}
    kinds = {re.sub(r"^(versions|parked|refused|stuck)_.*", r"\1_…", name) for name in names}
    kinds = {"delivered_a_b" if name.startswith("delivered_") else name for name in kinds}
    anchors = {found for one in EQUATIONS for found in re.findall(r"reconcile\.md#(\w+)", one.remedy)}

    assert {name for name in kinds if f"`{name}`" not in PAGE} == set()
    assert anchors
    assert {anchor for anchor in anchors if f"### {anchor}\n" not in PAGE} == set()
