"""IANA's time zones, by name."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> frozenset[str]:
    """Those of the system or of the package tzdata, without the system's names for its own choice."""
    return frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}


def known_zone(name: str) -> str:
    """The name, if it is one. Raises ValueError."""
    if name not in zones():
        raise ValueError("It is no time zone. Send an IANA name, as Europe/Berlin.")
    return name
