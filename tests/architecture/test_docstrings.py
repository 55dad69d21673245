"""Every module says what it is for, and the documents name only what is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSES = ("services", "shared", "deploy", "benchmarks")
# Tests say by their names what they test.
NEEDS_NONE = re.compile(r"tests/(.*/)?(test_\w+|__init__)\.py")
# A path in backticks: it has a slash, begins with a folder of ours, and holds no placeholder.
PATH = re.compile(r"`((?:services|shared|deploy|docs|tests|benchmarks|\.ci)/[\w./-]*)`")


def modules(root: Path) -> Iterator[Path]:
    for house in (*HOUSES, "tests"):
        for file in sorted((root / house).rglob("*.py")):
            if not NEEDS_NONE.fullmatch(file.relative_to(root).as_posix()):
                yield file


def silent(root: Path) -> list[str]:
    """The modules that do not say what they are for."""
    return [
        file.relative_to(root).as_posix()
        for file in modules(root)
        if not ast.get_docstring(ast.parse(file.read_text()))
    ]


def pages(root: Path) -> Iterator[Path]:
    """What people read about the code. Reports and decisions say what was there on their day."""
    yield root / "README.md"
    yield from sorted((root / "docs").glob("*.md"))
    yield from sorted((root / "docs" / "how-to").glob("*.md"))
    yield from sorted((root / "docs" / "guides").glob("*.md"))
    yield from (root / "docs" / "decisions").glob("README.md")


def astray(root: Path) -> list[str]:
    """Paths and links in the documents that lead nowhere, with the page that has them."""
    found = []
    for page in pages(root):
        text = page.read_text()
        places = [(name, root / name) for name in PATH.findall(text)]
        links = re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", text)
        places += [(link, page.parent / link) for link in links if "://" not in link]
        found += [f"{page.relative_to(root)}: {name}" for name, place in places if not place.exists()]
    return found


def unlisted(root: Path) -> list[str]:
    """Decisions that the index does not link."""
    index = (root / "docs" / "decisions" / "README.md").read_text()
    names = (page.name for page in sorted((root / "docs" / "decisions").glob("0*.md")))
    return [name for name in names if f"({name})" not in index]


def test_every_module_says_what_it_is_for() -> None:
    assert silent(ROOT) == []


def bare(root: Path) -> list[str]:
    """Folders with code somewhere below them that are no package, and so say nothing. Migrations are data."""
    files = (file.relative_to(root) for house in HOUSES for file in (root / house).rglob("*.py"))
    folders = {folder for file in files for folder in file.parents if folder != Path()}
    return [
        folder.as_posix()
        for folder in sorted(folders)
        if not {"migrations", "versions"} & set(folder.parts) and not (root / folder / "__init__.py").exists()
    ]


def test_every_folder_of_code_is_a_package() -> None:
    assert bare(ROOT) == []


def test_the_documents_name_only_what_is_there() -> None:
    assert astray(ROOT) == []


def test_a_silent_module_a_bare_folder_and_a_dead_path_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "said.py").write_text('"""What it is for."""\n')
    (tmp_path / "shared" / "silent.py").write_text("VALUE = 1\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("See `shared/said.py`, `shared/gone.py`, [this](gone.md).\n")
    (tmp_path / "README.md").write_text("`services/<service>/app.py` is a pattern, `shared/` a folder.\n")

    assert silent(tmp_path) == ["shared/silent.py"]
    assert bare(tmp_path) == ["shared"]
    assert astray(tmp_path) == ["docs/page.md: shared/gone.py", "docs/page.md: gone.md"]


def test_every_decision_is_in_the_index() -> None:
    assert unlisted(ROOT) == []


def test_a_decision_that_is_not_listed_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "decisions"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("| 1 | [listed](0001-listed.md) |\n")
    (folder / "0001-listed.md").touch()
    (folder / "0002-not.md").touch()

    assert unlisted(tmp_path) == ["0002-not.md"]


@pytest.mark.parametrize("line", ["make demo", "make test"])
def test_the_readme_begins_with_what_to_type(line: str) -> None:
    assert line in (ROOT / "README.md").read_text().split("\n\n")[1]
