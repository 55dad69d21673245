"""What may stand behind the `?` of a PostgreSQL URL, and what of it contradicts itself.

Parameters mean what they mean to libpq (https://www.postgresql.org/docs/18/libpq-connect.html). What one of
those who connect could not do is refused, by name: a URL half understood would be a connection less safe than
it says.
"""

import os
from urllib.parse import parse_qsl

from shared.settings import SettingsError

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
CERTAIN = MODES[3:]  # TLS or nothing
VERIFIED = MODES[4:]
SYSTEM = "system"  # as `sslrootcert`: whatever authorities this machine trusts
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
PLACE = ("host", "port", "user", "password", "dbname")  # libpq takes them as parameters, too
# What each is called in the environment of PostgreSQL's own programs; `sslpassword` has no name there.
IN_ENVIRONMENT = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "passfile": "PGPASSFILE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
    "options": "PGOPTIONS",
}
KNOWN = (*IN_ENVIRONMENT, "sslpassword")
# asyncpg reads these from a URL and from nowhere else.
BY_URL = ("sslmode", *FILES, "sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version",
          "sslnegotiation", "passfile")  # fmt: skip
ATTRIBUTES = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")


def parameters(query: str) -> dict[str, str]:
    """Each parameter, known and not contradicted by another."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        known = "sslmode" if name == "ssl" else name  # SQLAlchemy's word for it
        if known not in KNOWN and known not in PLACE:
            raise refused(name, f"is not known here; known are {', '.join(KNOWN)}")
        if found.get(known, value) != value:
            raise refused(known, "is given twice, and not alike")
        found[known] = value
    _check_modes(found)
    seconds = found.get("connect_timeout", "0")
    if not seconds.isascii() or not seconds.isdigit():
        raise refused("connect_timeout", "is a whole number of seconds")
    if found.get("target_session_attrs", "any") not in ATTRIBUTES:
        raise refused("target_session_attrs", f"is one of {', '.join(ATTRIBUTES)}")
    return found


def _check_modes(found: dict[str, str]) -> None:
    """`sslmode` and the files that only make sense with some of its values."""
    if found.get("sslrootcert") == SYSTEM:
        found.setdefault("sslmode", "verify-full")
        if found["sslmode"] != "verify-full":
            raise refused("sslmode", f"has to be verify-full with sslrootcert={SYSTEM}")
    if found.get("sslmode", "prefer") not in MODES:
        raise refused("sslmode", f"is one of {', '.join(MODES)}")
    mode = found.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"
    if found.get("sslrootcert") and mode not in CERTAIN:
        # libpq would take it, and look at nobody's certificate.
        raise refused(
            "sslrootcert", "is looked at with sslmode=verify-full (or verify-ca) only: say that, too"
        )
    if mode == "disable" and (
        idle := sorted(name for name in found if name.startswith("ssl") and name != "sslmode")
    ):
        raise refused(idle[0], "says how TLS is spoken, and sslmode=disable that it is not: leave one out")
    if found.get("sslkey") and not found.get("sslcert"):
        raise refused("sslkey", "is the key of a certificate: give sslcert, too")


def refused(name: str, why: str) -> SettingsError:
    return SettingsError(f"A database's URL: {name} {why}.")
