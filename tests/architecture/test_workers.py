"""What shares something dear is in one test worker: else each worker begins it anew, and nobody notices."""

import pytest

from tests.conftest import SHARED, Together
from tests.sabotage.trial import TREE


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/a/test_a.py::test_b", "tests/a/test_a.py::test_c[1]", True),
        ("tests/a/test_a.py::test_b", "tests/a/test_b.py::test_b", False),
        ("tests/journeys/test_crashes.py::test_a", "tests/journeys/test_privacy.py::test_b", True),
        ("tests/journeys/test_crashes.py::test_a", "tests/browser/test_page.py::test_b", False),
        ("tests/deploy/ops/reconcile/a/test_a.py::test_a[x::y]", "tests/deploy/ops/reconcile/b.py::b", True),
    ],
)
def test_scopes(one: str, other: str, together: bool) -> None:
    workers = Together.__new__(Together)  # what it asks of pytest is of no matter here

    assert (workers._split_scope(one) == workers._split_scope(other)) is together


@pytest.mark.parametrize("folder", SHARED)
def test_what_is_shared_is_there(folder: str) -> None:
    assert (TREE / folder / "conftest.py").is_file()
