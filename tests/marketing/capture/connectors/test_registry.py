"""A door is a folder and a line of the registry: nobody else asks which door it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.marketing.capture.connectors.registry import DOORS

ROOT = Path(__file__).parents[4]
SERVICE = ROOT / "services" / "marketing"
KINDS = SERVICE / "capture" / "connectors"
CAPTURE_AND_FUNNEL = (SERVICE / "capture", SERVICE / "funnel", SERVICE / "overview")


def files() -> Iterator[Path]:
    """Where doors could be told apart, but for the folder of each kind."""
    for area in CAPTURE_AND_FUNNEL:
        for file in sorted(area.rglob("*.py")):
            if KINDS not in file.parent.parents:
                yield file


def distinctions(source: str) -> list[int]:
    """Lines that compare with the name of a door, or choose by it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        asked: list[ast.expr | None] = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            asked = [node.value]
        elif isinstance(node, ast.Dict):
            asked = [*node.keys]
        elif isinstance(node, ast.Subscript):
            asked = [node.slice]
        inner = [child for one in asked if one is not None for child in ast.walk(one)]
        found += [child.lineno for child in inner if isinstance(child, ast.Constant) and child.value in DOORS]
    return found


def test_no_door_is_asked_for_by_its_name_outside_its_folder() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}" for file in files() for line in distinctions(file.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        'if raw.door == "meta": pass',
        'if raw.door in ("google_ads", "meta"): pass',
        'Submission.door != "api"',
        'CHANNELS = {"meta": "paid_social"}',
        'CHANNELS["web_form"]',
        'match door:\n    case "generic": pass',
        'Literal["web_form", "api"]',
    ],
)
def test_a_distinction_is_found(line: str) -> None:
    assert distinctions(line)


def test_every_folder_has_its_line() -> None:
    folders = {path.name for path in KINDS.iterdir() if (path / "endpoint.py").exists()}
    modules = {door.routes[0].handler.__module__.split(".")[-2] for door in DOORS.values()}

    assert modules == folders
