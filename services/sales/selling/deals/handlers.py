"""What sales does when a rep takes a lead."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.sales.selling.pipelines import queries as pipelines
from services.sales.settings import reporting_currency
from shared import clock
from shared.database.sessions import driver
from shared.events.handoff import LeadAccepted
from shared.events.sales import DealOpened
from shared.messaging import outbox
from shared.messaging.subscriptions import Context

OPEN = """
INSERT INTO deal (
    id, lead_id, cycle, contact_ids, company_id, company_name, country, source, campaign_id, rep_id, team_id,
    opened_at, stage_since, origin, pipeline_id, stage, currency)
SELECT id, lead_id, cycle, ARRAY[contact_id], company_id, company_name, country, source, campaign_id, rep_id,
       team_id, opened_at, opened_at, 'lead', $13, $14, $15
FROM unnest(
    $1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[],
    $10::uuid[], $11::uuid[], $12::timestamptz[])
    AS accepted (id, lead_id, cycle, contact_id, company_id, company_name, country, source, campaign_id,
                 rep_id, team_id, opened_at)
ON CONFLICT (lead_id, cycle) DO NOTHING
RETURNING id
"""


async def open_deals(context: Context, events: Sequence[LeadAccepted]) -> None:
    """Open one deal per lead and cycle, before the pipeline. The rep's own facts may come later."""
    pipeline = await pipelines.default_pipeline(context.session)
    stage = pipeline.first_stage.key
    currency = reporting_currency()
    # Sorted, so that two batches that share leads wait for each other instead of deadlocking.
    ordered = sorted(events, key=lambda event: event.lead_id)
    accepted = {clock.new_id(context.now): event for event in ordered}
    connection = await driver(context.session)
    rows = await connection.fetch(OPEN, *_columns(accepted.items()), pipeline.id, stage, currency)
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


def _columns(accepted: Iterable[tuple[UUID, LeadAccepted]]) -> Iterable[tuple[object, ...]]:
    return zip(
        *(
            (
                deal_id,
                event.lead_id,
                event.cycle,
                event.contact_id,
                event.company_id,
                event.company_name,
                event.country,
                event.source,
                event.campaign_id,
                event.rep_id,
                event.team_id,
                event.accepted_at,
            )
            for deal_id, event in accepted
        ),
        strict=True,
    )
