"""The list of bugs keeps up with the code, and the runner can say no."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.sabotage.bug import Bug, NoLongerAppliesError, part_of
from tests.sabotage.bugs import BUGS
from tests.sabotage.report import summary
from tests.sabotage.trial import FAILED, TREE, Heard, Verdict, judge, together

SAMPLE = Bug(name="sample", file="a.py", old="x = 1", new="x = 2", caught_by=("tests/a.py::test_a",))


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((TREE / file).read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_applies_to_the_code_as_it_is_and_its_tests_exist(bug: Bug) -> None:
    broken = bug.applied((TREE / bug.file).read_text())
    if bug.file.endswith(".py"):
        compile(broken, bug.file, "exec")

    assert bug.caught_by
    for test in bug.caught_by:
        file, _, name = test.partition("::")
        assert name in names_in(file), test
        assert not file.startswith("tests/journeys/"), "its programs would run the checkout"


def test_every_bug_is_another() -> None:
    assert len({bug.name for bug in BUGS}) == len({(bug.file, bug.old, bug.new) for bug in BUGS}) == len(BUGS)
    assert len(BUGS) >= 24


@pytest.mark.parametrize("text", ["y = 1", "x = 1\nx = 1"])
def test_a_bug_whose_line_is_gone_or_no_longer_alone_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.py").write_text(text)

    with pytest.raises(NoLongerAppliesError, match="no longer applies"):
        SAMPLE.apply(tmp_path)


def test_all_parts_together_are_all_bugs_each_once() -> None:
    parts = [part_of(BUGS, number, 5) for number in range(1, 6)]

    assert sorted(bug.name for part in parts for bug in part) == sorted(bug.name for bug in BUGS)


@pytest.mark.parametrize(
    ("heard", "why_not"),
    [
        (Heard(FAILED, {"tests/a.py::test_a[1]": "assert 2 == 1"}), ""),
        (Heard(0, passed=["tests/a.py::test_a"]), "not with a failed test"),
        (Heard(2, output="a collection error"), "not with a failed test"),
        (Heard(-1, output="nothing came of it"), "not with a failed test"),
        (Heard(FAILED, {"tests/a.py::test_ab": "assert 2 == 1"}), "did not fail"),
        (Heard(FAILED, broken={"tests/a.py::test_a": "no\nserver"}), "broke beside its test: server"),
        (Heard(FAILED, {"tests/a.py::test_a": "Timeout (>120.0s) from pytest-timeout."}), "hung"),
        (Heard(FAILED, {"tests/a.py::test_a": "x"}, strangers=["shared from /"]), "not the copy"),
    ],
)
def test_only_a_test_that_failed_by_itself_on_the_copy_has_caught_a_bug(heard: Heard, why_not: str) -> None:
    found = judge(SAMPLE, heard)

    assert why_not in found
    assert bool(found) == bool(why_not)


def test_a_bug_that_went_by_once_is_not_caught() -> None:
    caught, gone_by = Verdict(SAMPLE, 1.0, catches=1), Verdict(SAMPLE, 2.0, "test_a did not fail")

    always, once = together([caught, caught]), together([caught, gone_by, caught])

    assert (always.caught, once.caught, once.why_not) == (True, False, "test_a did not fail")
    assert summary([always, once]) == "caught 1/2, in 4 of 5 tries"
