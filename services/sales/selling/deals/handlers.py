"""Opening the deals of accepted leads."""

from collections.abc import Sequence

from services.sales.selling.deals.writes import OPEN, row_of
from services.sales.selling.pipelines import queries as pipelines
from services.sales.settings import reporting_currency
from shared import clock
from shared.database.sessions import driver
from shared.events.handoff import LeadAccepted
from shared.events.sales import DealOpened
from shared.messaging import outbox
from shared.messaging.subscriptions import Context


async def open_deals(context: Context, events: Sequence[LeadAccepted]) -> None:
    """Open one deal per lead and cycle, before the pipeline. The rep's own facts may come later."""
    pipeline = await pipelines.default_pipeline(context.session)
    stage = pipeline.first_stage.key
    currency = reporting_currency()
    # Sorted, so that two batches that share leads wait for each other instead of deadlocking.
    ordered = sorted(events, key=lambda event: event.lead_id)
    accepted = {clock.new_id(context.now): event for event in ordered}
    new = [row_of(deal_id, event) for deal_id, event in accepted.items()]
    rows = await OPEN(
        await driver(context.session),
        new,
        origin="lead",
        pipeline_id=pipeline.id,
        stage=stage,
        currency=currency,
    )
    opened = {row["id"] for row in rows}
    await outbox.stage(
        context.session,
        [
            DealOpened(
                version=1,
                traceparent=event.traceparent,
                deal_id=deal_id,
                lead_id=event.lead_id,
                cycle=event.cycle,
                origin="lead",
                contact_ids=(event.contact_id,),
                company_id=event.company_id,
                rep_id=event.rep_id,
                team_id=event.team_id,
                sourced_by=event.rep_id,
                pipeline_id=pipeline.id,
                stage=stage,
                amount_minor=0,
                currency=currency,
                opened_at=event.accepted_at,
            )
            for deal_id, event in accepted.items()
            if deal_id in opened
        ],
    )
