"""What a process says about itself, and on which database it does not start."""

import pytest
from httpx import AsyncClient

from shared.database.safety import SAFE, UnsafeServerError
from shared.database.sessions import create_engine
from shared.http.health import database_check, refuse_unsafe
from shared.http.service import Service


async def test_ready_means_database_and_migrations(client: AsyncClient, service: Service) -> None:
    ready = await client.get("/readyz")
    service.state.health.stopping = True
    stopping = await client.get("/readyz")
    service.state.health.stopping = False

    assert (ready.status_code, ready.json()["checks"]) == (200, {"process": "ok", "database": "ok"})
    assert (stopping.status_code, stopping.json()["checks"]["process"]) == (503, "stopping")


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_a_database_that_could_lose_leads_is_refused_by_name(
    service: Service, monkeypatch: pytest.MonkeyPatch, setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The setting is asked to be something this server is not, as seen from an unsafe server's side."""
    engine = service.state.sessions.kw["bind"]
    monkeypatch.setitem(SAFE, setting, "another value")

    with pytest.raises(UnsafeServerError, match=setting):
        await refuse_unsafe(engine)
    assert f"set {setting}=" in capsys.readouterr().out
    assert setting in (await database_check(engine, service.state.settings.migrations)() or "")


async def test_a_database_that_is_away_is_no_reason_not_to_start() -> None:
    engine = create_engine("postgresql://nobody@127.0.0.1:1/none")

    await refuse_unsafe(engine)
    await engine.dispose()
