"""`/v1/reports/speed-to-lead`: how fast people hear from us."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query

from services.handoff.insight.access import SPEED_TO_LEAD
from services.handoff.insight.reports import queries, rules
from services.handoff.insight.reports.queries import GroupBy, Timed
from services.handoff.insight.reports.rules import Clocks
from services.handoff.insight.reports.schemas import (
    SegmentView,
    SpeedGroup,
    SpeedReport,
    SpeedView,
    WithinView,
)
from shared.database.sessions import database_time
from shared.errors import InvalidError
from shared.http.service import Caller, Transaction, router

speed_to_lead = router("/v1/reports/speed-to-lead", tags=["reports"])

Reader = Annotated[Caller, Depends(SPEED_TO_LEAD.read)]
USUAL_PERIOD = timedelta(days=30)


@speed_to_lead.get("")
async def show_speed(
    session: Transaction,
    caller: Reader,
    from_: Annotated[date | None, Query(alias="from", description="First day; 30 days ago.")] = None,
    to: Annotated[date | None, Query(description="The day after the last; tomorrow.")] = None,
    group_by: GroupBy | None = None,
) -> SpeedReport:
    """From the receipt of the qualifying submission to the first human response, and the parts between.

    The clock starts anew with each cycle. Unanswered leads are not left out: they are censored
    observations of median and p90, and stay in the denominator of the shares.
    """
    now = await database_time(session)
    end = to or now.date() + timedelta(days=1)
    begin = from_ or end - min(USUAL_PERIOD, end - date.min)
    if begin >= end:
        raise InvalidError(
            "An empty period.", errors=[{"pointer": "/to", "detail": "`to` is excluded and after `from`."}]
        )
    period = (datetime.combine(begin, time(), UTC), datetime.combine(end, time(), UTC))
    rows = await queries.clocks(session, caller, *period, group_by)
    return SpeedReport(
        from_=period[0],
        to=period[1],
        group_by=group_by,
        total=SpeedView(**_measures([row.clocks for row in rows], now)),
        groups=_groups(rows, now) if group_by else [],
        backfilled_left_out=await queries.backfilled(session, caller, *period),
    )


def _groups(rows: Sequence[Timed], now: datetime) -> list[SpeedGroup]:
    members: defaultdict[tuple[str | None, str | None], list[Clocks]] = defaultdict(list)
    for row in rows:
        members[row.key, row.label].append(row.clocks)
    ordered = sorted(members.items(), key=lambda item: (item[0][1] or "", item[0][0] or ""))
    return [SpeedGroup(key=key, label=label, **_measures(clocks, now)) for (key, label), clocks in ordered]


def _measures(all_clocks: list[Clocks], now: datetime) -> dict[str, Any]:
    observed: dict[str, list[rules.Observation]] = {name: [] for name in rules.SEGMENTS}
    for clocks in all_clocks:
        for name, observation in rules.segments(clocks, now).items():
            observed[name].append(observation)
    leads = len(all_clocks)
    return {
        "leads": leads,
        "answered": sum(clocks.responded_at is not None for clocks in all_clocks),
        "answered_within": {
            name: WithinView(leads=count, share=round(count / leads, 4) if leads else None)
            for name, count in rules.answered_within(all_clocks).items()
        },
        "segments": {name: _segment(observations) for name, observations in observed.items()},
    }


def _segment(observations: list[rules.Observation]) -> SegmentView:
    over = sum(ended for _, ended in observations)
    return SegmentView(
        median_seconds=rules.quantile(observations, 0.5),
        p90_seconds=rules.quantile(observations, 0.9),
        over=over,
        open=len(observations) - over,
    )
