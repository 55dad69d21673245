"""Whether a database has every migration this code knows, found out without loading Alembic."""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Literal

PLUMBING = Path(__file__).parents[1] / "migrations/versions"
State = Literal["current", "behind"]
_REVISION = re.compile(r"^revision(?:: str)? = \"(\w+)\"", re.MULTILINE)
_PARENT = re.compile(r"^down_revision(?:: [^=]+)? = \"(\w+)\"", re.MULTILINE)


@cache
def _known(migrations: Path) -> tuple[frozenset[str], frozenset[str]]:
    """All revisions in the plumbing's folder and this one, and those that no other builds on."""
    scripts = [path.read_text() for folder in (PLUMBING, migrations) for path in folder.glob("*.py")]
    revisions = {match[1] for script in scripts if (match := _REVISION.search(script))}
    older = {match[1] for script in scripts if (match := _PARENT.search(script))}
    return frozenset(revisions), frozenset(revisions - older)


def lacks(applied: Collection[str], migrations: Path) -> bool:
    """Whether a database with these revisions lacks one that this code knows.

    A revision it does not know is a newer one: while a new version is rolled out, the old one goes on.
    """
    known, newest = _known(migrations)
    ahead = {_branch(revision) for revision in applied if revision not in known}
    return any(head not in applied and _branch(head) not in ahead for head in newest)


def _branch(revision: str) -> str:
    return revision.rpartition("_")[0]


async def state(connection: Any, migrations: Path) -> State:
    """Of the database behind a SQLAlchemy connection. For readiness."""
    there = await connection.exec_driver_sql("SELECT to_regclass('alembic_version') IS NOT NULL")
    if not there.scalar_one():
        return "behind"
    rows = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    return "behind" if lacks({row[0] for row in rows}, migrations) else "current"
