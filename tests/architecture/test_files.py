"""A reader knows by a file's name what is in it, by its length that it has one subject."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROLES = {
    "api",
    "use_cases",
    "handlers",
    "jobs",
    "rules",
    "queries",
    "writes",
    "tables",
    "schemas",
    "__init__",
}
# What a slice has besides its roles: known by a name of its own, each for one good reason.
OWN_NAMES = {
    # `normalize` is the way in; each kind of text that people write in many ways has a file of its own.
    "marketing/people/contacts": {
        *("normalize", "addresses", "numbers", "names", "countries"),
        *("matching", "namesakes", "corrections"),
    },
    "marketing/capture/sources": {"cache", "encryption", "rates", "resealing", "challenges"},
    "marketing/capture/deliveries": {
        *("group_commit", "bodies", "encodings", "lenient_json", "multipart", "claims", "kept"),
        "disk_guard",
    },
    "marketing/capture/submissions": {
        *("attempts", "fetch_job", "kept", "reading", "ready_job", "repeats", "withdrawals"),
        *("alarm_job", "challenged"),
    },
    "marketing/capture/embed": {"assets"},
    # What comes in, beside the rules of what it does; and what is left when it is taken back.
    "marketing/funnel/leads": {"arrivals", "remaining", "withdrawals"},
    "sales/selling/deals": {"trail", "filters"},
    "handoff/routing/allocation": {"withdrawals", "responses", "following"},
    "marketing/revenue/attribution": {"forgetting"},
    # From a body to a lead in four steps: named values, what their names mean, the person, the lead;
    # and where somebody came from, which has names and rules of its own.
    "marketing/capture/connectors": {
        *("registry", "endpoints", "openapi", "quotas"),
        *("field_mapping", "flattening", "field_names", "person_reading", "origin", "questions"),
    },
}
CONNECTOR = {
    *("endpoint", "adapter", "openapi", "client", "rules", "pages", "paths", "presets", "__init__"),
}
MOST_MODULES = 20
MOST_LINES = 250


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository by their path in it, whether committed yet or not."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in map(Path, listed.splitlines()) if (ROOT / path).exists()]


def misnamed(files: list[Path]) -> set[str]:
    """Files of slices (`services/<service>/<area>/<slice>/…`) that are called after no role."""
    return {
        "/".join(path.parts[1:])
        for path in files
        if len(path.parts) > 4 and path.parts[2] != "migrations" and not is_named(path)
    }


def is_named(path: Path) -> bool:
    slice_ = "/".join(path.parts[1:4])
    if len(path.parts) == 5:
        return path.stem in ROLES | OWN_NAMES.get(slice_, set())
    return slice_ == "marketing/capture/connectors" and len(path.parts) == 6 and path.stem in CONNECTOR


def crowded(files: list[Path]) -> set[str]:
    """Packages with more modules than one can keep in mind."""
    modules = Counter(path.parent for path in files if path.name != "__init__.py")
    return {str(folder) for folder, number in modules.items() if number > MOST_MODULES}


def too_long(files: list[Path]) -> set[str]:
    return {str(path) for path in files if len((ROOT / path).read_text().splitlines()) > MOST_LINES}


def released(path: Path) -> bool:
    """Migrations that were released stay as they are."""
    return path.parent.name == "versions"


def test_every_file_of_a_slice_is_named_after_its_role() -> None:
    assert misnamed(tracked("services/**/*.py")) == set()


@pytest.mark.parametrize(
    "name",
    [
        "sales/selling/deals/utils.py",
        "sales/selling/deals/fetch_job.py",
        "sales/selling/deals/kinds/rules.py",
    ],
)
def test_another_name_would_be_noticed(name: str) -> None:
    assert misnamed([Path("services") / name]) == {name}


def test_every_name_of_its_own_is_used() -> None:
    """`endpoints` waits for the connectors' one way in."""
    here = {(str(Path(*path.parts[1:4])), path.stem) for path in tracked("services/**/*.py")}
    named = {(folder, name) for folder, names in OWN_NAMES.items() for name in names}

    assert {name for _, name in named - here} <= {"endpoints"}


def test_no_package_is_crowded() -> None:
    files = [
        path for path in tracked("services/**/*.py", "shared/**/*.py", "deploy/**/*.py") if not released(path)
    ]

    assert crowded(files) == set()
    assert crowded([Path(f"shared/http/m{n}.py") for n in range(MOST_MODULES + 1)]) == {"shared/http"}


def test_no_file_is_long() -> None:
    assert too_long([path for path in tracked("*.py") if not released(path)]) == set()
