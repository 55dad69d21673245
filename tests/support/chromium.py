"""A real Chromium for tests: the machine's own, wherever it is."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# Alone with the test: no updates, no look at other hosts. Root, as in a container, can't use the sandbox.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
MISSING = (
    "no Chromium on this machine, so the tests in a browser were left out: "
    "apt-get install chromium (macOS: brew install --cask chromium), or set LEADLOOP_CHROMIUM to its path"
)


def program() -> str | None:
    """Its path, or None. LEADLOOP_CHROMIUM says which one to take."""
    given = os.environ.get("LEADLOOP_CHROMIUM")
    found = [given] if given else [shutil.which(name) for name in NAMES]
    found += [str(path) for path in ON_A_MAC if path.exists()]
    return next((path for path in found if path), None)


def arguments() -> list[str]:
    """What it is started with."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if is_root else [])]


def is_required() -> bool:
    """Whether its absence is a failure, as in CI."""
    return os.environ.get("LEADLOOP_BROWSER") == "required"
