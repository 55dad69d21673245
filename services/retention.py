"""What is kept in each service, and for how long: the plumbing's kinds, then its own."""

from collections.abc import Mapping, Sequence

from services.marketing.capture.retention.jobs import KEPT
from shared.worker.retention import PLUMBING, Kept

KINDS: Mapping[str, Sequence[Kept]] = {
    "marketing": (*PLUMBING, *KEPT),
    "handoff": PLUMBING,
    "sales": PLUMBING,
}
