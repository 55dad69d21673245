"""Files that browsers load, each under a name that changes with its content: they may keep it for ever.

A page somebody pasted a snippet into holds the script by its hash: a script that was released is served
for good. When `scripts/leadloop.js` changes, what it was goes beside it under another name, and the new
hash into `scripts/released.txt`.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    body: bytes
    media_type: str

    @property
    def path(self) -> str:
        return f"/v1/embed/{self.name}"

    @property
    def integrity(self) -> str:
        """By which a browser knows that nobody has changed it (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


def _read(file: Path, stem: str) -> Asset:
    body = file.read_bytes()
    name = f"{stem}.{hashlib.sha256(body).hexdigest()[:16]}{file.suffix}"
    return Asset(name, body, TYPES[file.suffix])


SCRIPT = _read(FOLDER / "scripts" / "leadloop.js", "leadloop")
STYLE = _read(FOLDER / "page.css", "page")
_SCRIPTS = [_read(file, "leadloop") for file in sorted((FOLDER / "scripts").glob("*.js"))]
BY_NAME = {asset.name: asset for asset in (*_SCRIPTS, STYLE)}
