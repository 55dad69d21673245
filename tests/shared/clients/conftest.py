"""A client of a service, and the service."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from shared.clients import http_client
from shared.clients.http_client import ServiceClient
from tests.shared.clients.marketing import Marketing
from tests.shared.http.things import ThingsSettings
from tests.support.keys import Keys


@pytest.fixture
def marketing() -> Marketing:
    return Marketing()


@pytest.fixture
async def client(
    marketing: Marketing, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServiceClient]:
    monkeypatch.setattr(http_client, "RETRY_WITHIN", 0)
    key_file = Path(keys.environment("sales")["SERVICE_KEY_FILE"])
    settings = ThingsSettings(handoff_database_url=SecretStr("x"), service_key_file=key_file)
    client = ServiceClient("http://marketing.test", "sales", "marketing", settings)
    await client._client.aclose()
    client._client = httpx.AsyncClient(
        base_url="http://marketing.test", transport=httpx.MockTransport(marketing.answer)
    )
    yield client
    await client.close()
