"""`/v1/activities/{id}/demo`: the sheet of a demo or presentation; and how many of them were held."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.sales.work.access import ACTIVITIES, DEMO_FIGURES
from services.sales.work.activities.tables import Activity
from services.sales.work.demos import use_cases
from services.sales.work.demos.schemas import DemoForm, DemoReport, DemoView
from services.sales.work.demos.tables import Demo
from shared import clock
from shared.auth.access import Caller
from shared.errors import InvalidError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.service import Transaction, router

demos = router("/v1/activities/{activity_id}/demo", tags=["activities"])
figures = router("/v1/reports/demos", tags=["reports"])
Readers = Annotated[Caller, Depends(ACTIVITIES.read)]
Sellers = Annotated[Caller, Depends(ACTIVITIES.change)]
Analysts = Annotated[Caller, Depends(DEMO_FIGURES.read)]


@demos.get("")
async def show_demo(activity_id: UUID, session: Transaction, response: Response, caller: Readers) -> DemoView:
    """What was shown, to whom, what they asked and what speaks against it."""
    return _shown(*await use_cases.show_sheet(session, caller, activity_id), response)


@demos.put("")
async def keep_demo(
    activity_id: UUID,
    form: DemoForm,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    caller: Sellers,
) -> DemoView:
    """Write the sheet, whole. That it was held, or that nobody came, is said of the activity: `outcome`.

    Send the activity's ETag as If-Match: it counts for both.
    """
    kept = await use_cases.keep_sheet(session, caller, activity_id, form, if_match=if_match, now=clock.now())
    return _shown(*kept, response)


@figures.get("")
async def show_demos(
    session: Transaction,
    caller: Analysts,
    start: Annotated[date, Query(alias="from", description="First day counted.")],
    end: Annotated[date, Query(alias="to", description="The day after the last one.")],
) -> DemoReport:
    """The demos and presentations you may see in a period: booked, held, missed, and the objections."""
    if end <= start:
        raise InvalidError(
            "The period is empty.", errors=[{"pointer": "?to", "detail": "Must be after from."}]
        )
    return await use_cases.report_demos(session, caller, start, end)


def _shown(sheet: Demo, activity: Activity, response: Response) -> DemoView:
    response.headers["ETag"] = etag(activity.revision)
    return DemoView.model_validate(sheet)
