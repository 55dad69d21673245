"""What can wait in marketing, besides events."""

from services.marketing.capture.submissions.tables import ASKING
from shared.messaging.backlog import Queue

QUEUES = (
    Queue("deliveries", "deliveries not read yet", "deliveries WHERE state = 'pending'", "received_at"),
    Queue(
        "deliveries_set_aside",
        "deliveries nobody could read",
        "deliveries WHERE state = 'unreadable'",
        "received_at",
    ),
    Queue(
        "deliveries_held_back",
        "deliveries of a flood, read after all others",
        "deliveries WHERE state = 'pending' AND mark = 'flood'",
        "received_at",
    ),
    Queue(
        "hand_raisers",
        "people who ask to be contacted, in quarantine",
        f"submissions WHERE {ASKING}",
        "received_at",
    ),
    Queue(
        "submissions",
        "submissions that are to be processed again",
        "submissions WHERE waits_for = 'processing'",
        "received_at",
    ),
    Queue(
        "details",
        "submissions whose details a platform has not told",
        "submissions WHERE waits_for = 'details'",
        "received_at",
    ),
)
