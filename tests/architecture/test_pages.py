"""Generated pages are what the code says, and no page is empty."""

from pathlib import Path

from deploy.tools.docs.__main__ import behind, wanted
from tests.architecture.test_files import ROOT, tracked


def test_no_generated_page_has_fallen_behind() -> None:
    assert behind(wanted()) == []


def test_a_page_that_falls_behind_is_named() -> None:
    pages = wanted()
    first = next(iter(pages))

    assert behind(pages | {first: pages[first] + "more\n"}) == [str(first)]


def empty(pages: list[Path]) -> list[str]:
    return [str(page) for page in pages if not page.read_text().strip()]


def test_no_page_is_empty(tmp_path: Path) -> None:
    pages = [ROOT / path for path in tracked("*.md")]
    blank = tmp_path / "blank.md"
    blank.write_text("\n")

    assert len(pages) > 50
    assert empty(pages) == []
    assert empty([*pages, blank]) == [str(blank)]
