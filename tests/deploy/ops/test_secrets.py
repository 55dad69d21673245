"""`leadloop secrets reseal`, as an operator runs it between two restarts."""

import pytest
from httpx import AsyncClient

from tests.deploy.ops.test_operators import leadloop
from tests.marketing.capture.house import new_connection
from tests.support.keys import SECRETS_KEY as OLD
from tests.support.keys import Keys

NEW = "bmV3LWtleS1mb3ItdGVzdHMtbmV3LWtleS1mb3ItdGVzdHM="
RESEALED = "3 sealed with the newest key, 0 had it already.\n"
DONE = "0 sealed with the newest key, 3 had it already.\n"


async def test_secrets_are_sealed_anew_and_what_cannot_be_is_said(
    marketing: AsyncClient, marketing_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await new_connection(marketing, keys, "meta")
    monkeypatch.setenv("MARKETING_DATABASE_URL", marketing_database)

    async def run(key: str) -> tuple[int, str, str]:
        monkeypatch.setenv("SECRETS_KEY", key)
        done = await leadloop("secrets", "reseal")
        return done.exit_code, done.stdout, done.stderr

    code, _, said = await run("short")
    assert (code, "SECRETS_KEY" in said) == (1, True)
    code, _, said = await run(NEW)
    assert (code, "3 can't be opened with these keys" in said) == (1, True)
    assert await run(f"{NEW},{OLD}") == (0, RESEALED, "")
    assert await run(f"{NEW},{OLD}") == (0, DONE, "")
    assert await run(NEW) == (0, DONE, "")
