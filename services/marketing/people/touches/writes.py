"""The set-based write of touches."""

from services.marketing.people.touches.rules import NewTouch
from services.marketing.people.touches.tables import Touch
from shared.database import bulk

# What is known by its submission or its external id stays as it is.
INSERT = bulk.insert(Touch, NewTouch, constants=("recorded_at",), on_conflict=bulk.keep(), returning=("id",))
