"""`python -m deploy.tools.docs` writes the generated pages.

`--check` says which have fallen behind the code.
"""

import sys
from pathlib import Path

from deploy.tools.docs import access, events, metrics, problems, retention, settings

ROOT = Path(__file__).parents[3]
MAKERS = (access.pages, events.pages, metrics.pages, problems.pages, retention.pages, settings.pages)
GENERATED = ("docs/schemas/*.json",)


def wanted() -> dict[Path, str]:
    found: dict[Path, str] = {}
    for make in MAKERS:
        found.update(make())
    return found


def behind(pages: dict[Path, str]) -> list[str]:
    """Files that differ from what the code says, are missing, or belong to nothing any more."""
    wrong = [
        str(path)
        for path, text in pages.items()
        if not (ROOT / path).exists() or (ROOT / path).read_text() != text
    ]
    for pattern in GENERATED:
        wrong += [
            str(path.relative_to(ROOT)) for path in ROOT.glob(pattern) if path.relative_to(ROOT) not in pages
        ]
    return sorted(wrong)


def main() -> int:
    pages = wanted()
    wrong = behind(pages)
    if "--check" in sys.argv[1:]:
        for name in wrong:
            print(f"{name} is not what the code says: run `python -m deploy.tools.docs` and commit.")
        return 1 if wrong else 0
    for path, text in pages.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
    for name in wrong:
        if Path(name) not in pages:
            (ROOT / name).unlink()
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
