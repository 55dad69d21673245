"""`/v1/submissions` and `/v1/deliveries`: what came in, what became of it, and doing it again."""

import base64
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.marketing.capture.balance import rules
from services.marketing.capture.balance.schemas import BalanceView
from services.marketing.capture.deliveries.tables import Delivery, Submission
from services.marketing.capture.submissions import queries, use_cases
from services.marketing.capture.submissions.schemas import (
    DeliveryDetailView,
    DeliveryState,
    DeliveryView,
    DoorName,
    ReplayedView,
    ReplayFilter,
    SubmissionDetailView,
    SubmissionState,
    SubmissionView,
)
from shared.auth.access import Caller, Role, allow
from shared.errors import NotFoundError
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

submissions = router("/v1/submissions", tags=["submissions"])
deliveries = router("/v1/deliveries", tags=["deliveries"])
Readers = Annotated[Caller, Depends(allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER))]
Senders = Annotated[
    Caller, Depends(allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER, servers="leads:read"))
]
Writers = Annotated[Caller, Depends(allow(Role.ADMIN, Role.MARKETER))]
Admins = Annotated[Caller, Depends(allow(Role.ADMIN))]
NEWEST_SUBMISSIONS = Order(Submission.received_at, Submission.id, descending=True)
NEWEST_DELIVERIES = Order(Delivery.received_at, Delivery.id, descending=True)


@submissions.get("")
async def list_submissions(
    session: Transaction,
    paging: Paging,
    _: Senders,
    state: Annotated[SubmissionState | None, Query()] = None,
    reason: Annotated[str | None, Query(max_length=80)] = None,
    door: Annotated[DoorName | None, Query()] = None,
    source_id: Annotated[UUID | None, Query()] = None,
    external_id: Annotated[str | None, Query(max_length=300)] = None,
    delivery_id: Annotated[UUID | None, Query()] = None,
    contact_id: Annotated[UUID | None, Query()] = None,
) -> Page[SubmissionView]:
    """Submissions, newest first; every parameter narrows the list."""
    query = queries.submissions(
        state=state,
        reason=reason,
        door=door,
        source_id=source_id,
        external_id=external_id,
        delivery_id=delivery_id,
        contact_id=contact_id,
    )
    rows = (await session.scalars(NEWEST_SUBMISSIONS.page(query, paging))).all()
    return NEWEST_SUBMISSIONS.show(rows, paging, SubmissionView.model_validate)


@submissions.get("/balance")
async def show_balance(
    session: Transaction,
    _: Readers,
    from_: Annotated[date | None, Query(alias="from", description="First day (UTC).")] = None,
    to: Annotated[date | None, Query(description="Day after the last (UTC).")] = None,
) -> BalanceView:
    """The two capture equations: nothing that came in is lost, and everything that is here came in."""
    return rules.equations(await queries.counted(session, from_, to))


@submissions.post("/replay")
async def replay_submissions(wanted: ReplayFilter, session: Transaction, _: Writers) -> ReplayedView:
    """Process again what was quarantined, rejected or unreadable, with the settings as they are now."""
    return await use_cases.replay_matching(session, wanted)


@submissions.get("/{submission_id}")
async def show_submission(submission_id: UUID, session: Transaction, _: Senders) -> SubmissionDetailView:
    """One submission, with what was understood of it."""
    row = await queries.submission(session, submission_id)
    if row is not None:
        return SubmissionDetailView.model_validate(row)
    # What was accepted a moment ago is a delivery still, with the id its submission will have.
    waiting = await queries.delivery(session, submission_id)
    if waiting is None or waiting[0].state != "pending":
        raise NotFoundError("There is no submission with this id.")
    return SubmissionDetailView.not_yet_read(waiting[0])


@submissions.post("/{submission_id}/replay")
async def replay_submission(submission_id: UUID, session: Transaction, _: Writers) -> SubmissionView:
    """Process a quarantined or rejected submission again. Signs of spam then no longer hold it back."""
    return SubmissionView.model_validate(await use_cases.replay_submission(session, submission_id))


@deliveries.get("")
async def list_deliveries(
    session: Transaction,
    paging: Paging,
    _: Readers,
    state: Annotated[DeliveryState | None, Query()] = None,
    reason: Annotated[str | None, Query(max_length=80)] = None,
    door: Annotated[DoorName | None, Query()] = None,
    source_id: Annotated[UUID | None, Query()] = None,
) -> Page[DeliveryView]:
    """Requests at the doors, newest first, without their bodies."""
    query = queries.deliveries(state=state, reason=reason, door=door, source_id=source_id)
    rows = (await session.execute(NEWEST_DELIVERIES.page(query, paging))).all()
    return NEWEST_DELIVERIES.show(rows, paging, DeliveryView.model_validate)


@deliveries.get("/{delivery_id}")
async def show_delivery(delivery_id: UUID, session: Transaction, _: Admins) -> DeliveryDetailView:
    """One delivery with the request as it came, byte for byte."""
    found = await queries.delivery(session, delivery_id)
    if found is None:
        raise NotFoundError("There is no delivery with this id.")
    row, body, user_agent = found
    text, encoded = _shown(body)
    shown = DeliveryView.model_validate(row).model_dump()
    return DeliveryDetailView(
        **shown,
        user_agent=user_agent,
        body=text,
        body_base64=encoded,
        submission_ids=await queries.submission_ids(session, delivery_id),
    )


def _shown(body: bytes | None) -> tuple[str | None, str | None]:
    if body is None:
        return None, None
    try:
        return body.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(body).decode()


@deliveries.post("/{delivery_id}/replay", status_code=202)
async def replay_delivery(delivery_id: UUID, session: Transaction, _: Writers) -> ReplayedView:
    """Read an unreadable delivery again."""
    await use_cases.replay_delivery(session, delivery_id)
    return ReplayedView(replayed=1, more=False)
