"""Tells the desk of people who ask to be contacted and are in quarantine: somebody has to look at them.

Each is told of once, by an error line in the log and a counter, within seconds. They are listed by
`GET /v1/submissions?state=quarantined&hand_raiser=true`; `leadloop_waiting` has how many wait, and how long.
Once released, a lead's clock has been running since its receipt.
"""

from collections import defaultdict

import structlog
from prometheus_client import Counter

from services.marketing.capture.submissions.writes import Alarm, alarm
from shared.database.sessions import Sessions, driver
from shared.observability import telemetry

MOST = 500
log = structlog.get_logger()
alarmed = Counter(
    "leadloop_hand_raisers_quarantined_total",
    "People who ask to be contacted and were set aside, by reason: somebody has to look at them.",
    ["reason"],
    registry=telemetry.registry,
)


async def tell_desk(sessions: Sessions) -> int:
    """Tell of those nobody was told of. How many it was."""
    async with sessions.begin() as session:
        found = await alarm(await driver(session), most=MOST)
    by_source: dict[tuple[str, str], list[Alarm]] = defaultdict(list)
    for one in found:
        by_source[str(one.source_id), one.reason or "unknown"].append(one)
    for (source_id, reason), several in sorted(by_source.items()):
        alarmed.labels(reason).inc(len(several))
        log.error(
            "hand_raisers_quarantined",
            source_id=source_id,
            reason=reason,
            count=len(several),
            received_at=min(one.received_at for one in several),
        )
    return len(found)
