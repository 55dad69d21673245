"""`/v1/submissions`: what came in, what became of it, doing it again; and a delivery with what was in it."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.marketing.capture.access import RAW_DELIVERIES, SUBMISSIONS
from services.marketing.capture.deliveries import queries as deliveries
from services.marketing.capture.deliveries.schemas import (
    DeliveryDetailView,
    DeliveryView,
    DoorName,
    ReplayedView,
)
from services.marketing.capture.submissions import queries, use_cases, withdrawals
from services.marketing.capture.submissions.schemas import (
    ReplayFilter,
    SubmissionDetailView,
    SubmissionState,
    SubmissionView,
    WithdrawalFilter,
    WithdrawalView,
)
from services.marketing.capture.submissions.tables import Submission
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.audit import trail
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

submissions = router("/v1/submissions", tags=["submissions"])
of_delivery = router("/v1/deliveries", tags=["deliveries"])
Senders = Annotated[Caller, Depends(SUBMISSIONS.read)]
Writers = Annotated[Caller, Depends(SUBMISSIONS.change)]
Admins = Annotated[Caller, Depends(RAW_DELIVERIES.read)]
NEWEST_SUBMISSIONS = Order(Submission.received_at, Submission.id, descending=True)


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
    hand_raiser: Annotated[
        bool | None, Query(description="Only of people who ask to be contacted, or only of others.")
    ] = None,
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
        hand_raiser=hand_raiser,
    )
    rows = (await session.scalars(NEWEST_SUBMISSIONS.page(query, paging))).all()
    return NEWEST_SUBMISSIONS.show(rows, paging, SubmissionView.model_validate)


@submissions.post("/replay")
async def replay_submissions(wanted: ReplayFilter, session: Transaction, _: Writers) -> ReplayedView:
    """Process again what was quarantined, rejected or unreadable, with the settings as they are now."""
    replayed = await use_cases.replay_matching(session, wanted)
    trail.changed(session, "submissions", None, values={"replayed": (None, replayed.replayed)})
    return replayed


@submissions.post("/withdraw")
async def withdraw_submissions(
    wanted: WithdrawalFilter, session: Transaction, caller: Writers
) -> WithdrawalView:
    """Take back what turned out to be spam, a test or a mistake: touches, scores, leads, offers and turns."""
    taken = await withdrawals.withdraw_matching(session, wanted, by=caller.subject)
    counts = {"withdrawn": (None, taken.submissions), "leads": (None, taken.leads)}
    trail.changed(
        session, "submissions", wanted.source_id, values={**counts, "reason": (None, wanted.reason)}
    )
    return taken


@submissions.get("/{submission_id}")
async def show_submission(submission_id: UUID, session: Transaction, _: Senders) -> SubmissionDetailView:
    """One submission, with what was understood of it."""
    row = await queries.submission(session, submission_id)
    if row is None:
        row = await queries.repeated_submission(session, submission_id)
    if row is not None:
        return SubmissionDetailView.model_validate(row)
    # What was accepted is a delivery still, with the ids its submissions will have.
    waiting = await deliveries.delivery_of_item(session, submission_id)
    if waiting is None or waiting.state not in ("pending", "unreadable"):
        raise NotFoundError("There is no submission with this id.")
    return SubmissionDetailView.not_yet_read(waiting, submission_id)


@submissions.post("/{submission_id}/replay")
async def replay_submission(submission_id: UUID, session: Transaction, _: Writers) -> SubmissionView:
    """Process a quarantined or rejected submission again. Signs of spam then no longer hold it back."""
    return SubmissionView.model_validate(await use_cases.replay_submission(session, submission_id))


@of_delivery.get("/{delivery_id}")
async def show_delivery(delivery_id: UUID, session: Transaction, _: Admins) -> DeliveryDetailView:
    """One delivery with the request as it came, byte for byte."""
    found = await deliveries.delivery(session, delivery_id)
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
