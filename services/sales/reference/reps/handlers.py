"""What sales learns about reps."""

from collections.abc import Sequence

from shared.database.sessions import driver
from shared.events.handoff import RepChanged
from shared.messaging.subscriptions import Context

COPY = """
INSERT INTO rep (id, subject, display_name, team_id, team_name, manager_subject, active, version, changed_at)
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::bool[], $8::bigint[],
    $9::timestamptz[])
ON CONFLICT (id) DO UPDATE SET
    subject = EXCLUDED.subject, display_name = EXCLUDED.display_name, team_id = EXCLUDED.team_id,
    team_name = EXCLUDED.team_name, manager_subject = EXCLUDED.manager_subject, active = EXCLUDED.active,
    version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
WHERE rep.version < EXCLUDED.version
"""


async def copy_reps(context: Context, events: Sequence[RepChanged]) -> None:
    """Keep each rep as the newest fact says, whatever order the facts come in."""
    newest = {event.rep_id: event for event in sorted(events, key=lambda event: event.version)}
    reps = [newest[rep_id] for rep_id in sorted(newest)]
    connection = await driver(context.session)
    await connection.execute(
        COPY,
        [rep.rep_id for rep in reps],
        [rep.subject for rep in reps],
        [rep.display_name for rep in reps],
        [rep.team_id for rep in reps],
        [rep.team_name for rep in reps],
        [rep.manager_subject for rep in reps],
        [rep.active for rep in reps],
        [rep.version for rep in reps],
        [rep.changed_at for rep in reps],
    )
