"""What can wait in each service: the plumbing's queues, then its own."""

from collections.abc import Mapping, Sequence

from services.handoff import backlog as handoff
from services.marketing import backlog as marketing
from shared.messaging.backlog import PLUMBING, Queue

QUEUES: Mapping[str, Sequence[Queue]] = {
    "marketing": (*PLUMBING, *marketing.QUEUES),
    "handoff": (*PLUMBING, *handoff.QUEUES),
    "sales": PLUMBING,
}
