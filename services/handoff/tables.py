"""All tables of handoff, for the migrations and their drift check."""

from services.handoff.base import Base
from services.handoff.handshake.attempts import tables as _attempts
from services.handoff.handshake.deals import tables as _assignments
from services.handoff.routing.allocation import tables as _offers
from services.handoff.routing.fairness import tables as _fairness
from services.handoff.routing.rule_sets import tables as _routing
from services.handoff.staff.reps import tables as _reps

SLICES = (_reps, _routing, _fairness, _offers, _assignments, _attempts)
metadata = Base.metadata
