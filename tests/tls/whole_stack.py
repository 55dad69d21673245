"""The whole of it with TLS on to both servers, and each worker with the rights of docs/topic-access.md only.

`make tls` runs it (pytest does not find it by its name): a form's post becomes an assigned lead, and
everything agrees; then the databases go into a backup, and one comes back from it.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.local.servers import free_port
from services import migrate
from services.topics import create_topics, permissions_of_operator, permissions_of_worker
from shared.kafka_settings import KafkaSettings
from shared.messaging import brokers
from shared.services import SERVICES
from tests.journeys.story import lead_of, offer_of, team_with, token
from tests.support.keys import Keys
from tests.support.loop import PROGRAMS, Loop
from tests.support.secure_servers import SecureKafka, SecurePostgres, allow
from tests.tls.conftest import PASSWORD, Papers

USERS = (*SERVICES, "operator")
PREFIX = "tls."


@dataclass
class SecureLoop(Loop):
    """Every worker signs on to Kafka as a user of its own."""

    ca: str = ""

    def kafka_of(self, user: str) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": PASSWORD,
            "KAFKA_SSL_CA_FILE": self.ca,
        }

    def environment(self, service: str) -> dict[str, str]:
        return super().environment(service) | self.kafka_of(service)

    def leadloop(self, *arguments: str) -> str:
        """One of an operator's commands, as a program of its own; what it printed."""
        urls = {f"{name.upper()}_DATABASE_URL": url for name, url in self.databases.items()}
        environment = super().environment("marketing") | urls | self.kafka_of("operator")
        environment["LEADLOOP_HOME"] = str(self.folder)
        command = [sys.executable, "-c", "from deploy.ops.program import main; main()", *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def kafka(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    server = SecureKafka(tmp_path_factory.mktemp("kafka"), papers.authority, dict.fromkeys(USERS, PASSWORD))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def loop(
    keys: Keys, papers: Papers, kafka: SecureKafka, postgres: SecurePostgres, tmp_path: Path
) -> AsyncIterator[SecureLoop]:
    trust = f"?sslmode=verify-full&sslrootcert={papers.authority.ca}"
    urls = {name: postgres.create_service(name, PASSWORD) + trust for name in SERVICES}
    running = SecureLoop(
        keys=keys,
        folder=tmp_path,
        bootstrap=kafka.for_users,
        prefix=PREFIX,
        databases=urls,
        ports={name: free_port() for name in PROGRAMS},
        ca=str(papers.authority.ca),
    )
    await migrate.migrate(urls)
    for service in SERVICES:
        await allow(kafka.bootstrap, service, permissions_of_worker(service), prefix=PREFIX)
    await allow(kafka.bootstrap, "operator", permissions_of_operator(), prefix=PREFIX)
    operator = KafkaSettings.model_validate(
        {name.lower(): value for name, value in running.kafka_of("operator").items()}
    )
    await create_topics(brokers.of(operator), PREFIX)
    try:
        running.start(*PROGRAMS)
        await running.ready(*PROGRAMS)
        yield running
    finally:
        running.stop()


async def test_a_forms_post_becomes_an_assigned_lead_and_everything_agrees(
    loop: SecureLoop, postgres: SecurePostgres, empty_folder: Path
) -> None:
    await team_with(loop, f"ana-{token()}")
    form = await loop.call("POST", "marketing", "/v1/forms", {"name": "Over TLS", "hand_raiser": True})
    async with httpx.AsyncClient(base_url=loop.url("marketing"), timeout=10) as browser:
        answer = await browser.post(
            f"/v1/forms/{form['key']}/submissions",
            data={"email": "ana.plain@muster-gmbh.com", "name": "Ana Plain", "company": "Muster GmbH"},
            headers={"accept": "application/json"},
        )
    assert answer.status_code == 202, answer.text

    lead = await lead_of(loop, answer.json()["submission_id"])
    offer = await offer_of(loop, lead["lead_id"])
    assert offer["state"] == "offered"

    assert "hold" in loop.leadloop("reconcile")
    loop.leadloop("backup", "--to", str(empty_folder))
    postgres.run_sql("CREATE DATABASE handoff_again OWNER handoff")
    again = loop.databases["handoff"].replace("/handoff?", "/handoff_again?")
    loop.leadloop("restore", "handoff", "--from", str(empty_folder), "--into", again, "--yes", "--anywhere")
    loop.databases["again"] = again
    back = await loop.rows("again", "SELECT lead_id::text FROM assignments")
    assert lead["lead_id"] in [row["lead_id"] for row in back]
