"""What stands still: events set aside by a consumer or by Kafka, events that do not leave, deliveries that
nobody reads, offers that do not move on.
"""

from deploy.ops.reconcile.equations.shape import Equation, Side
from shared.services import SERVICES


def parked(service: str) -> Equation:
    """What waits behind a parked event on its key is named with it."""
    return Equation(
        name=f"parked_{service}",
        claim=f"No event waits because {service} could not handle it",
        left=Side(
            service,
            "events parked",
            "SELECT topic || ' ' || key AS key, count(*) || ' waiting: ' || coalesce(min(reason) "
            "FILTER (WHERE reason <> 'behind_a_parked_event'), 'behind one that is gone') AS value "
            "FROM parked_events WHERE state = 'parked' "
            "GROUP BY topic, key",
        ),
        right=None,
        remedy=f"leadloop parked retry-key {service} {{entry}}",
    )


def refused(service: str) -> Equation:
    return Equation(
        name=f"refused_{service}",
        claim=f"No event of {service} waits because Kafka would not take it",
        left=Side(
            service,
            "events refused by Kafka",
            "SELECT topic || ' ' || key AS key, count(*) || ' waiting: ' || min(error) AS value "
            "FROM outbox_parked WHERE discarded_at IS NULL GROUP BY topic, key",
        ),
        right=None,
        remedy=f"leadloop outbox retry-key {service} {{entry}}",
    )


def stuck(service: str) -> Equation:
    return Equation(
        name=f"stuck_{service}",
        claim=f"No event of {service} has waited longer than a minute to be sent",
        left=Side(
            service,
            "events waiting to be sent",
            "SELECT o.topic || ' ' || o.key AS key, count(*) || ' since ' || "
            "to_char(min(p.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS value "
            "FROM outbox_pending p JOIN outbox o USING (id, created_at) "
            "WHERE p.created_at < now() - interval '1 minute' GROUP BY o.topic, o.key",
        ),
        right=None,
        remedy=f"is {service}'s worker running, and Kafka? make status; leadloop outbox list {service}",
    )


STUCK_INTAKE = Equation(
    name="stuck_intake",
    claim="No delivery has waited longer than a minute to be read",
    left=Side(
        "marketing",
        "deliveries waiting",
        "SELECT id::text AS key, door || ' since ' || "
        "to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS value FROM deliveries "
        "WHERE state = 'pending' AND received_at < now() - interval '1 minute'",
    ),
    right=None,
    remedy="is marketing's worker running? make status; leadloop deliveries show {key}",
)

STUCK_OFFERS = Equation(
    name="stuck_offers",
    claim="No offer is past its deadline longer than a minute without moving on",
    left=Side(
        "handoff",
        "offers overdue",
        "SELECT lead_id || '/' || cycle AS key, 'since ' || "
        "to_char(answer_by AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS value FROM assignments "
        "WHERE state = 'offered' AND answer_by < now() - interval '1 minute'",
    ),
    right=None,
    remedy="is handoff's worker running? make status",
)

EQUATIONS = (
    *(make(service) for service in SERVICES for make in (parked, refused, stuck)),
    STUCK_INTAKE,
    STUCK_OFFERS,
)
