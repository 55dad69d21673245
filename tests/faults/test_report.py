"""Segments add up, and what is wrong in one of them is wrong in the whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults import report


def segment(number: int, **more: Any) -> dict[str, Any]:
    fault = {"name": "kill -9", "alone": number == 1, "figures": {"recovery_seconds": float(number)}}
    ledger = {
        "seed": 7,
        "segment": number,
        "commit": f"abc{number}",
        **dict.fromkeys(report.ADDED, 10 * number),
        "requests": {"ok": number, "unknown": 1},
        "figures": {"took": 60.0},
        "faults": [fault],
        "failed": [],
        "cut": [],
        "problems": {"lost": 0, "money": 0},
        "examples": {},
    }
    return ledger | more


def test_figures_add_up() -> None:
    whole = report.add([segment(1), segment(2)])
    assert (whole["events"], whole["segments"], len(whole["faults"])) == (30, 2, 2)
    assert whole["requests"] == {"ok": 3, "unknown": 2}
    assert report.holds(whole)


@pytest.mark.parametrize(
    "wrong",
    [{"problems": {"lost": 1, "money": 0}}, {"failed": ["kill -9: TimeoutError"]}, {"cut": ["sales-api"]}],
)
def test_one_segment_that_does_not_hold_is_enough(wrong: dict[str, Any]) -> None:
    assert not report.holds(report.add([segment(1), segment(2, **wrong), segment(3)]))


def test_a_fault_s_figures_are_those_of_its_times_alone() -> None:
    name, times, alone, median, largest, *_ = report.by_fault(report.add([segment(1), segment(2)])["faults"])[
        0
    ]
    assert (name, times, alone, median, largest) == ("kill -9", 2, 1, 1.0, 1.0)


def test_a_report_is_a_page_and_its_figures(tmp_path: Path) -> None:
    page = report.write(report.add([segment(1)]), tmp_path)
    assert "Every equation held." in page.read_text()
    kept = json.loads(page.with_suffix(".json").read_text())
    assert kept["seed"] == 7
    assert kept["versions"]["aiokafka"]
