"""Where PostgreSQL's files may lie.

It refuses to run as root, so root starts it as an ordinary user, and every folder above its programs and its
data must be passable for that user. A checkout below a home of mode 0700 is not; then a folder of its own in
/var/tmp serves instead, and `postgres.elsewhere` in the home of the server says which.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from deploy.local.servers.processes import ServerError

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
    try:
        return subprocess.run(test, user=user, group=_group(user), extra_groups=[], cwd="/").returncode == 0
    except PermissionError as error:
        message = f"root may not start programs as {user} here ({error}); run as an ordinary user instead."
        raise ServerError(message) from error


def installed(package: str) -> Path:
    """The folder of a wheel with programs in it, found without importing it: one would warn."""
    found = find_spec(package)
    if found is None or found.origin is None:
        message = (
            f"{package} is not installed: it belongs to the dependency group `stack` (make up installs it)"
        )
        raise ServerError(message)
    return Path(found.origin).parent


class DataDirs:
    """The folders of one server: `folder` for its data, `programs` for its binaries."""

    def __init__(self, home: Path, installed: Path, user: str | None) -> None:
        self._home, self._installed, self._user = home, installed, user
        self._note = home / "postgres.elsewhere"

    @property
    def folder(self) -> Path:
        return self._elsewhere() / "postgres" if self._note.exists() else self._home / "postgres"

    @property
    def programs(self) -> Path:
        copy = self._elsewhere() / self._installed.parent.name / self._installed.name
        return copy if self._note.exists() and copy.exists() else self._installed

    def prepare(self) -> None:
        """Make the folder, and copy the programs, to where the server's user can reach them."""
        self._home.mkdir(parents=True, exist_ok=True)
        programs_are_near = can_reach(self._user, self._installed / "bin" / "postgres")
        if not self._note.exists() and not (programs_are_near and can_reach(self._user, self._home)):
            self._go_elsewhere()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            shutil.chown(self.folder, self._user, _group(self._user))
        if not programs_are_near and not can_reach(self._user, self.programs / "bin" / "postgres"):
            self._copy_programs()

    def remove(self) -> None:
        """Delete the data, wherever they are."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._note.exists():
            shutil.rmtree(self._elsewhere(), ignore_errors=True)
            self._note.unlink()

    def _elsewhere(self) -> Path:
        return Path(self._note.read_text()) if self._note.exists() else ELSEWHERE

    def _go_elsewhere(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="leadloop-", dir=ELSEWHERE))
        folder.chmod(0o711)
        self._note.write_text(str(folder))

    def _copy_programs(self) -> None:
        package = self._installed.parent
        copies = [self._elsewhere() / package.name]
        shutil.copytree(
            package, copies[0], ignore=shutil.ignore_patterns("include", "*.py"), dirs_exist_ok=True
        )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            copies.append(self._elsewhere() / libraries.name)
            shutil.copytree(libraries, copies[1], dirs_exist_ok=True)
        for path in (found for copy in copies for found in (copy, *copy.rglob("*"))):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid
