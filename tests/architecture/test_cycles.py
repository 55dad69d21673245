"""No two modules import each other, not even through others and not even for their types."""

import graphlib
from collections.abc import Mapping, Set
from pathlib import Path

import grimp
import pytest

HOUSES = ("services", "shared", "deploy")


def imports(*packages: str) -> dict[str, Set[str]]:
    """Every module and what it imports; imports in functions and under TYPE_CHECKING count as well."""
    graph = grimp.build_graph(*packages, exclude_type_checking_imports=False, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def cycle_in(imported: Mapping[str, Set[str]]) -> list[str]:
    """One circle of modules, each importing the next; empty when there is none."""
    try:
        graphlib.TopologicalSorter(imported).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle_in(imports(*HOUSES)) == []


def test_a_circle_for_types_only_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "circular"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "app.py").write_text("from circular import access\n")
    (package / "access.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from circular.app import App\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert set(cycle_in(imports("circular"))) == {"circular.app", "circular.access"}
