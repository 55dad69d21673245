"""Generated pages are what the code says."""

from deploy.tools.docs.__main__ import behind, wanted


def test_no_generated_page_has_fallen_behind() -> None:
    assert behind(wanted()) == []


def test_a_page_that_falls_behind_is_named() -> None:
    pages = wanted()
    first = next(iter(pages))

    assert behind(pages | {first: pages[first] + "more\n"}) == [str(first)]
