"""What can wait in handoff, besides events."""

from shared.messaging.backlog import Queue

QUEUES = (
    Queue(
        "offers_overdue",
        "offers past their deadline that did not move on",
        "assignments WHERE state = 'offered' AND answer_by < now()",
        "answer_by",
    ),
    Queue("pool", "leads that wait for a rep", "leads WHERE state = 'pool'", "qualified_at"),
    Queue(
        "held", "leads of the past that nobody asked to offer", "leads WHERE state = 'held'", "qualified_at"
    ),
)
