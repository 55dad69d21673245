"""Whether a database has every migration this code knows, found out without loading Alembic."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[2]
State = Literal["current", "behind"]
_REVISION = re.compile(r"^revision(?:: str)? = \"(\w+)\"", re.MULTILINE)
_PARENT = re.compile(r"^down_revision(?:: [^=]+)? = \"(\w+)\"", re.MULTILINE)


def folders(service: str) -> list[Path]:
    """Where a service's migrations lie: the plumbing's, then its own."""
    return [ROOT / "shared/migrations/versions", ROOT / f"services/{service}/migrations/versions"]


@cache
def heads(service: str) -> frozenset[str]:
    """The newest revisions this code knows, one per branch."""
    scripts = [path.read_text() for folder in folders(service) for path in folder.glob("*.py")]
    revisions = {match[1] for script in scripts if (match := _REVISION.search(script))}
    return frozenset(revisions - {match[1] for script in scripts if (match := _PARENT.search(script))})


async def state(connection: Any, service: str) -> State:
    """Of the database behind a SQLAlchemy connection. For readiness."""
    rows = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    return "current" if heads(service) <= {row[0] for row in rows} else "behind"
