"""What was shown, to whom, what they objected; and how many of those booked came."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.sales.work.demos.rules import Booked, Count, count
from tests.sales.samples import ANA, Desk, codes
from tests.sales.work.activities.test_work import add

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}


def sheet(deal: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "product": "reporting",
        "presenter_id": str(ANA),
        "attendees": [{"contact_id": deal["contact_ids"][0], "role": "champion"}],
        "material": [{"title": "Slides", "link": "https://files.example/slides", "sent_at": None}],
        "questions": [{"text": "Does it read our data?", "answer": "Yes."}],
        "objections": [{"category": "security", "text": "Where is it?", "answer": "Here.", "resolved": True}],
    } | changes


async def demo(desk: Desk, deal: dict[str, Any], due_at: str = "2026-03-02T10:00:00Z", **more: Any) -> str:
    made = await add(desk, deal, kind="demo", due_at=due_at, **more)
    return f"/v1/activities/{made['id']}"


async def keep(desk: Desk, path: str, body: dict[str, Any]) -> Any:
    seen = (await desk.get(path)).headers["etag"]
    return await desk.put(f"{path}/demo", body, **{"If-Match": seen})


async def test_a_demo_has_a_sheet(deal: dict[str, Any], ana: Desk, ben: Desk, mia: Desk) -> None:
    path = await demo(ana, deal)
    assert codes([await ana.get(f"{path}/demo")]) == [404]

    kept = await keep(ana, path, sheet(deal))
    seen = await mia.get(f"{path}/demo")

    assert codes([kept, seen, await ben.get(f"{path}/demo")]) == [200, 200, 404]
    shown = seen.json()
    assert {name: shown[name] for name in sheet(deal)} == sheet(deal)
    less = await mia.put(f"{path}/demo", {"product": "export"}, **{"If-Match": kept.headers["etag"]})
    stale = await ana.put(f"{path}/demo", {}, **{"If-Match": kept.headers["etag"]})
    assert codes([less, stale]) == [200, 412]
    assert (less.json()["product"], less.json()["attendees"], less.json()["by"]) == ("export", [], "mia")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"attendees": [{"contact_id": str(UUID(int=5))}]}, "/attendees/0/contact_id"),
    ({"presenter_id": str(UUID(int=5))}, "/presenter_id"),
    ({"objections": [{"category": "weather"}]}, "/objections/0/category"),
    ({"objections": [{"category": "price"}, {"category": "other"}]}, "/objections/1/text"),
    ({"attendees": [{"contact_id": str(ANA), "role": "boss"}]}, "/attendees/0/role"),
    ({"material": [{"title": "Slides", "link": "javascript:alert(1)"}]}, "/material/0/link"),
]


@pytest.mark.parametrize(("wrong", "pointer"), WRONG)
async def test_a_sheet_names_what_is_there(
    deal: dict[str, Any], ana: Desk, wrong: dict[str, Any], pointer: str
) -> None:
    path = await demo(ana, deal)

    refused = await keep(ana, path, sheet(deal, **wrong))

    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer])


async def test_a_call_has_no_sheet(deal: dict[str, Any], ana: Desk) -> None:
    call = await add(ana, deal)

    assert (await keep(ana, f"/v1/activities/{call['id']}", {})).status_code == 409


async def test_how_many_of_those_booked_came(deal: dict[str, Any], ana: Desk, ben: Desk, mia: Desk) -> None:
    held, missed, off, moved, later = [await demo(ana, deal) for _ in range(5)]
    done = "2026-03-02T11:00:00Z"
    await ana.patch(held, {"done_at": done, "outcome": "held"})
    await ana.patch(missed, {"done_at": done, "outcome": "no_show"})
    await ana.post(f"{off}/cancel", {"reason": "customer_asked"})
    await ana.patch(moved, {"due_at": "2026-03-03T10:00:00Z"})
    await ana.patch(moved, {"done_at": "2026-03-03T11:00:00Z"})
    await ana.patch(later, {"due_at": "2026-04-01T00:00:00Z"})  # another month's now
    for path in (held, missed):
        assert (await keep(ana, path, sheet(deal))).status_code == 200

    report = (await mia.get("/v1/reports/demos", **MARCH)).json()

    assert [report[name] for name in ("booked", "held", "no_show", "cancelled", "rescheduled")] == [
        4,
        2,
        1,
        1,
        1,
    ]
    assert report["show_rate"] == "0.6667"
    assert report["objections"] == [{"category": "security", "number": 1, "resolved": 1}]
    assert (await ben.get("/v1/reports/demos", **MARCH)).json()["booked"] == 0
    assert (await ana.get(moved)).json()["moves"] == 1


@pytest.mark.parametrize(
    ("demos", "right", "rate"),
    [
        ([], Count(), None),
        ([Booked(AT, None, None, False)], Count(booked=1), None),
        ([Booked(AT, AT, None, False)], Count(booked=1, held=1), Decimal("1.0000")),
        ([Booked(AT, AT, "no_show", False)], Count(booked=1, no_show=1), Decimal("0.0000")),
        ([Booked(AT, AT, "held", True)], Count(booked=1, cancelled=1), None),  # not held after all
        ([Booked(None, AT, "held", False, 2)], Count(booked=1, held=1, rescheduled=1), Decimal("1.0000")),
        (
            [*[Booked(AT, AT, "held", False)] * 6, *[Booked(AT, AT, "no_show", False)] * 2],
            Count(booked=8, held=6, no_show=2),
            Decimal("0.7500"),
        ),
    ],
)
def test_the_show_rate_leaves_out_what_was_called_off(
    demos: list[Booked], right: Count, rate: Decimal | None
) -> None:
    assert count(demos) == right
    assert count(demos).show_rate == rate
