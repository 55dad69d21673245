"""Whom a request is from: believed of proxies of ours only, read from the end."""

from typing import Any

import pytest

from shared.http.client_address import FORWARDED, TrustedProxies, client_address, network_of

OURS = "10.0.0.0/8, fd00::/8"
CASES = [
    # peer, X-Forwarded-For, whom it is from
    ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger says what he likes
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what he said before the proxy is not read
    ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies of ours
    ("10.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),  # somebody inside
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", " , ,198.51.100.1, ", "198.51.100.1"),
    ("10.0.0.1", "198.51.100.1, what", "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1, what, 10.0.0.2", "10.0.0.2"),  # garbage: the last good one
    ("10.0.0.1", "unknown", "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
    ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
    ("10.0.0.1", "[2001:db8::1", "10.0.0.1"),
    ("10.0.0.1", "2001:DB8:0::1", "2001:db8::1"),
    ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
    ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("fd00::1", "2001:db8::1, fd00::2", "2001:db8::1"),
    ("10.0.0.1", "198.51.100.1:99999999", "10.0.0.1"),
    ("10.0.0.1", "1" * 5000, "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1" + ", 10.0.0.2" * 500, "10.0.0.2"),  # no chain of ours is that long
    ("a socket", "198.51.100.1", "a socket"),
]


@pytest.mark.parametrize(("peer", "written", "client"), CASES)
def test_only_what_proxies_of_ours_wrote_is_believed(peer: str, written: str, client: str) -> None:
    headers = [(b"x-forwarded-for", written.encode()), (b"forwarded", b"for=6.6.6.6")]
    assert TrustedProxies(OURS).client(peer, headers) == client


def test_headers_sent_twice_are_one_list() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.1, 10.0.0.2")]
    assert TrustedProxies(OURS).client("10.0.0.1", headers) == "198.51.100.1"


@pytest.mark.parametrize(
    ("written", "client"),
    [
        ("for=198.51.100.1;proto=https", "198.51.100.1"),
        ('proto=https;For="[2001:db8::1]:4711"', "2001:db8::1"),
        ("for=6.6.6.6, for=198.51.100.1;by=10.0.0.1", "198.51.100.1"),
        ("for=198.51.100.1, for=_hidden", "10.0.0.1"),
        ("for=198.51.100.1, proto=https", "10.0.0.1"),
        ('for="6.6.6.6, for=198.51.100.1', "198.51.100.1"),
    ],
)
def test_forwarded_is_read_where_a_setting_says_so(written: str, client: str) -> None:
    headers = [(b"forwarded", written.encode()), (b"x-forwarded-for", b"6.6.6.6")]
    assert TrustedProxies(OURS, FORWARDED).client("10.0.0.1", headers) == client


def test_nobody_is_trusted_unless_named() -> None:
    scope: dict[str, Any] = {"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", b"6.6.6.6")]}
    assert client_address(scope) == "10.0.0.1"
    assert client_address({"client": None}) is None


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="'proxy\\.internal' is neither an address nor a network"):
        TrustedProxies("10.0.0.0/8, proxy.internal")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, "local"),
        ("a socket", "a socket"),
    ],
)
def test_one_client_is_an_ipv4_address_or_a_network_of_ipv6(address: str | None, network: str) -> None:
    assert network_of(address) == network
