"""The speed-to-lead report as HTTP shows it."""

from typing import Any

from pydantic import Field

from services.handoff.insight.reports.rules import SEGMENTS, WITHIN
from shared.http.schemas import UtcTime, View, example

SEGMENT = {"median_seconds": 42.0, "p90_seconds": 1900.5, "over": 17, "open": 3}
GROUP: dict[str, Any] = {
    "leads": 20,
    "answered": 17,
    "answered_within": {name: {"leads": 15, "share": 0.75} for name in WITHIN},
    "segments": dict.fromkeys(SEGMENTS, SEGMENT),
}


class SegmentView(View):
    median_seconds: float | None = Field(description="Kaplan-Meier; null while fewer than half are over.")
    p90_seconds: float | None = Field(description="Kaplan-Meier; null while fewer than 90 % are over.")
    over: int = Field(description="Leads that have this part behind them.")
    open: int = Field(description="Leads still in it, or that ended in it: counted as at least so long.")


class WithinView(View):
    leads: int
    share: float | None = Field(description="Of all leads, the unanswered included; null without any.")


class SpeedView(View):
    leads: int
    answered: int
    answered_within: dict[str, WithinView]
    segments: dict[str, SegmentView]


class SpeedGroup(SpeedView):
    key: str | None = Field(description="The rep's or team's id, or the source; null: with nobody yet.")
    label: str | None


class SpeedReport(View):
    model_config = example(
        {
            "from": "2026-11-01T00:00:00Z",
            "to": "2026-12-01T00:00:00Z",
            "group_by": "source",
            "total": GROUP,
            "groups": [{"key": "web_form", "label": "web_form", **GROUP}],
            "backfilled_left_out": 2,
        }
    )

    from_: UtcTime = Field(serialization_alias="from")
    to: UtcTime
    group_by: str | None
    total: SpeedView
    groups: list[SpeedGroup]
    backfilled_left_out: int = Field(description="Imported or backdated leads of the period.")
