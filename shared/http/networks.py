"""Whose address a request may come from."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from shared.settings import SettingsError

Network = IPv4Network | IPv6Network


def read(setting: str, text: str) -> tuple[Network, ...]:
    """Addresses and networks, by comma. Raises SettingsError that names the setting and the wrong one."""
    found: list[Network] = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            raise SettingsError(f"{setting}: {word!r} is neither an address nor a network.") from None
    return tuple(found)


def is_within(address: str | None, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of them; None, a local socket, belongs to each."""
    if address is None:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in networks)
