"""The settings of a server without which an acknowledged lead could be lost."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

# Without these an acknowledged lead could vanish in a crash, or an event outlive the lead it reports.
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
OLDEST = 150000


class UnsafeServerError(RuntimeError):
    """The server's settings break a promise; the message names the setting and the value needed."""


async def check_database(engine: AsyncEngine) -> None:
    """Refuse a server that could lose what was acknowledged. Raises UnsafeServerError."""
    async with engine.connect() as connection:
        found: dict[str, Any] = {}
        for name in (*SAFE, "server_version_num"):
            found[name] = (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one()
    if int(found["server_version_num"]) < OLDEST:
        raise UnsafeServerError(f"PostgreSQL 15 or newer is needed; this is {found['server_version_num']}.")
    for name, value in SAFE.items():
        # remote_apply and remote_write are stronger than "on" for the purpose at hand only in part:
        # anything but "off" and "local" waits for this server's own disk.
        if found[name] != value and not (name == "synchronous_commit" and found[name] == "remote_apply"):
            raise UnsafeServerError(f"PostgreSQL runs with {name}={found[name]}; set {name}={value}.")
