"""`/v1/deliveries`: the requests at the doors, as they came, and reading one again."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.marketing.capture.access import DELIVERIES
from services.marketing.capture.deliveries import queries, use_cases
from services.marketing.capture.deliveries.schemas import (
    DeliverySetAside,
    DeliveryState,
    DeliveryView,
    DoorName,
    ReplayedView,
)
from services.marketing.capture.deliveries.tables import Delivery
from shared.auth.access import Caller
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

deliveries = router("/v1/deliveries", tags=["deliveries"])
Readers = Annotated[Caller, Depends(DELIVERIES.read)]
Writers = Annotated[Caller, Depends(DELIVERIES.change)]
NEWEST_DELIVERIES = Order(Delivery.received_at, Delivery.id, descending=True)


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


@deliveries.post("/{delivery_id}/replay", status_code=202)
async def replay_delivery(delivery_id: UUID, session: Transaction, _: Writers) -> ReplayedView:
    """Read an unreadable delivery again."""
    await use_cases.replay_delivery(session, delivery_id)
    return ReplayedView(replayed=1, more=False)


@deliveries.post("/{delivery_id}/set-aside")
async def set_delivery_aside(
    delivery_id: UUID, wanted: DeliverySetAside, session: Transaction, _: Writers
) -> DeliveryView:
    """Let nobody try a pending delivery any more: it is `unreadable`, with this reason, until a replay."""
    return DeliveryView.model_validate(await use_cases.set_aside(session, delivery_id, wanted.reason))
