"""Numbers are shown to those networks that a setting names."""

import pytest
from httpx import ASGITransport, AsyncClient

from shared.http import health
from shared.settings import CommonSettings, networks
from tests.shared.http import things
from tests.support.keys import Keys

WITHIN = [
    ("", "203.0.113.9", False),
    ("10.0.0.0/8", "10.1.2.3", True),
    ("10.0.0.0/8", "11.1.2.3", False),
    ("10.0.0.0/8", "::ffff:10.1.2.3", True),
    ("192.0.2.7, 2001:db8::/32", "192.0.2.7", True),
    ("192.0.2.7, 2001:db8::/32", "2001:db8:5::1", True),
    ("192.0.2.7/24", "192.0.2.99", True),
    ("10.0.0.0/8", "not an address", False),
    ("10.0.0.0/8", None, True),
]


@pytest.mark.parametrize(("text", "address", "expected"), WITHIN)
def test_an_address_is_of_a_network_or_not(text: str, address: str | None, expected: bool) -> None:
    assert health.is_within(address, networks(text)) == expected


@pytest.mark.parametrize("setting", ["metrics_networks", "trusted_proxies"])
def test_what_is_no_network_is_named(setting: str) -> None:
    with pytest.raises(ValueError, match=rf"(?s){setting}.*'intranet' is neither an address nor a network"):
        CommonSettings.model_validate({setting: "10.0.0.0/8, intranet"})


@pytest.mark.parametrize(
    ("allowed", "address", "status"),
    [
        ("", "203.0.113.9", 200),
        ("127.0.0.1, 10.0.0.0/8", "10.2.3.4", 200),
        ("127.0.0.1, 10.0.0.0/8", "203.0.113.9", 404),
    ],
)
async def test_numbers_are_for_those_who_are_named(
    allowed: str, address: str, status: int, things_database: str, keys: Keys
) -> None:
    app, _ = things.make_service(things_database, keys, metrics_networks=allowed)
    transport = ASGITransport(app, client=(address, 4711))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://things.test") as client,
    ):
        answer = await client.get("/metrics")
        alive = await client.get("/livez")

    assert (answer.status_code, alive.status_code) == (status, 200)
    if status == 404:
        assert answer.headers["content-type"] == "application/problem+json"
