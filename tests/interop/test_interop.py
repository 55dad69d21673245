"""Others read what we publish: AsyncAPI's parser our document, a CloudEvents SDK in JavaScript our topics.

Node.js comes in a wheel; the first test that runs has npm bring what package-lock.json names.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from services.topics import create_topics
from shared import clock
from shared.database.sessions import Sessions, driver
from shared.messaging import outbox
from tests.interop import packages
from tests.shared.messaging.relaying import TOPIC, emptied, relaying, until
from tests.shared.messaging.testing import declined, expired

HERE = Path(__file__).parent
ASYNCAPI = HERE.parents[1] / "docs" / "asyncapi.yaml"

pytestmark = [pytest.mark.usefixtures("npm_packages"), pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def npm_packages() -> None:
    packages.bring()


async def node(script: str, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(str(packages.NODE), script, *arguments),
        cwd=HERE,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(90):
            out, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(), complaints.decode()


async def test_our_asyncapi_document_is_one_for_its_own_parser() -> None:
    code, said, complaints = await node("asyncapi.mjs", str(ASYNCAPI))

    assert code == 0, complaints
    assert set(json.loads(said)["channels"]) >= {"marketing.leads", "handoff.assignments", "sales.deals"}


async def test_a_document_that_is_none_is_refused(tmp_path: Path) -> None:
    shutil.copytree(ASYNCAPI.parent / "schemas", tmp_path / "schemas")
    broken = tmp_path / "asyncapi.yaml"
    broken.write_text(ASYNCAPI.read_text().replace("channels:", "chanels:", 1))

    assert (await node("asyncapi.mjs", str(broken)))[0] == 1


async def test_a_cloudevents_sdk_in_another_language_reads_our_topics(
    sales_database: str, sales_sessions: Sessions, kafka_bootstrap: str
) -> None:
    prefix = f"i{clock.new_id().hex[-10:]}."
    await create_topics(kafka_bootstrap, prefix)
    async with sales_sessions.begin() as session:
        await outbox.stage(session, [declined(lead) for lead in range(20)])
        await outbox.stage(session, [expired(lead, 2) for lead in range(20)])
    async with relaying(sales_database, kafka_bootstrap, prefix):
        await until(lambda: emptied(sales_sessions), "the queue emptied")
    async with sales_sessions() as session:
        connection = await driver(session)
        rows = await connection.fetch("SELECT event_id, key, type, version, data FROM outbox")

    code, said, complaints = await node("read.mjs", kafka_bootstrap, prefix + TOPIC, str(len(rows)))

    assert code == 0, complaints
    read = {line["event"]["id"]: line for line in map(json.loads, said.splitlines())}
    assert read.keys() == {str(row["event_id"]) for row in rows}
    for row in rows:
        line: dict[str, Any] = read[str(row["event_id"])]
        event = line["event"]
        assert (line["key"], event["partitionkey"]) == (row["key"], row["key"])
        assert (event["type"], event["source"], event["specversion"]) == (
            row["type"],
            "/leadloop/handoff",
            "1.0",
        )
        assert int(event["sequence"]) == row["version"]
        assert event["data"] == json.loads(row["data"])
