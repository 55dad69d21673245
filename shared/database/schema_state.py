"""Whether a database has every migration this code knows, found out without loading Alembic."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

PLUMBING = Path(__file__).parents[1] / "migrations/versions"
State = Literal["current", "behind"]
_REVISION = re.compile(r"^revision(?:: str)? = \"(\w+)\"", re.MULTILINE)
_PARENT = re.compile(r"^down_revision(?:: [^=]+)? = \"(\w+)\"", re.MULTILINE)


@cache
def heads(migrations: Path) -> frozenset[str]:
    """The newest revisions this code knows: the plumbing's, and those of the service in this folder."""
    scripts = [path.read_text() for folder in (PLUMBING, migrations) for path in folder.glob("*.py")]
    revisions = {match[1] for script in scripts if (match := _REVISION.search(script))}
    return frozenset(revisions - {match[1] for script in scripts if (match := _PARENT.search(script))})


async def state(connection: Any, migrations: Path) -> State:
    """Of the database behind a SQLAlchemy connection. For readiness."""
    rows = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    return "current" if heads(migrations) <= {row[0] for row in rows} else "behind"
