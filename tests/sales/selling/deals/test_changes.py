"""Every change of a deal is a line: from what, to what, by whom, when and why."""

from datetime import date
from typing import Any

import pytest

from services.sales.selling.deals.rules import is_push
from tests.sales.samples import Desk, euros


async def patch(desk: Desk, deal: dict[str, Any], **body: Any) -> dict[str, Any]:
    path = f"/v1/deals/{deal['id']}"
    seen = (await desk.get(path)).headers["etag"]
    answer = await desk.patch(path, body, **{"If-Match": seen})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def lines(desk: Desk, deal: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The oldest first."""
    items = (await desk.get(f"/v1/deals/{deal['id']}/changes")).json()["items"]
    return [(one["field"], one["before"], one["after"], one["why"], one["by"]) for one in reversed(items)]


async def test_amounts_and_closes_leave_a_trace(deal: dict[str, Any], ana: Desk, mia: Desk) -> None:
    await patch(ana, deal, amount=euros("9000.00"))
    await patch(mia, deal, amount=euros("4000.00"), why="They cut the budget.")
    await patch(ana, deal, expected_close_on="2026-12-01")
    await patch(ana, deal, expected_close_on="2026-12-01")  # nothing new
    pushed = await patch(ana, deal, expected_close_on="2027-03-01")
    earlier = await patch(ana, deal, expected_close_on="2027-02-01")

    assert await lines(ana, deal) == [
        ("amount", euros("0.00"), euros("9000.00"), None, "ana"),
        ("amount", euros("9000.00"), euros("4000.00"), "They cut the budget.", "mia"),
        ("expected_close_on", None, "2026-12-01", None, "ana"),
        ("expected_close_on", "2026-12-01", "2027-03-01", None, "ana"),
        ("expected_close_on", "2027-03-01", "2027-02-01", None, "ana"),
    ]
    assert (pushed["close_pushes"], earlier["close_pushes"]) == (1, 1)


async def test_stages_and_endings_are_lines_too(deal: dict[str, Any], ana: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "demo", "why": "Asked for one."})
    await ana.post(f"{path}/lose", {"reason": "price", "competitor": "acme"})

    found = await lines(ana, deal)
    assert found[0] == ("stage", "new", "demo", "Asked for one.", "ana")
    assert sorted(found[1:]) == [
        ("competitor", None, "acme", None, "ana"),
        ("reason", None, "price", None, "ana"),
        ("state", "open", "lost", None, "ana"),
    ]


async def test_title_and_tags_change_whatever_became_of_it(deal: dict[str, Any], ana: Desk) -> None:
    await ana.post(f"/v1/deals/{deal['id']}/lose", {"reason": "price"})

    named = await patch(ana, deal, title="Reporting", tags=["framework", "big", "big"])

    assert (named["title"], named["tags"]) == ("Reporting", ["big", "framework"])
    refused = await ana.patch(
        f"/v1/deals/{deal['id']}",
        {"expected_close_on": "2027-01-01"},
        **{"If-Match": (await ana.get(f"/v1/deals/{deal['id']}")).headers["etag"]},
    )
    assert refused.status_code == 409
    assert ("tags", [], ["big", "framework"], None, "ana") in await lines(ana, deal)


@pytest.mark.parametrize(
    ("before", "after", "right"),
    [
        (None, date(2026, 12, 1), False),
        (date(2026, 12, 1), None, False),
        (date(2026, 12, 1), date(2026, 12, 1), False),
        (date(2026, 12, 1), date(2026, 11, 30), False),
        (date(2026, 12, 1), date(2026, 12, 2), True),
    ],
)
def test_only_a_later_day_is_a_push(before: date | None, after: date | None, right: bool) -> None:
    assert is_push(before, after) is right
