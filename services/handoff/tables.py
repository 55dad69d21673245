"""All tables of handoff, for the migrations and their drift check."""

from services.handoff.assignments import tables as _assignments
from services.handoff.base import Base
from services.handoff.fairness import tables as _fairness
from services.handoff.offers import tables as _offers
from services.handoff.reps import tables as _reps
from services.handoff.routing import tables as _routing

SLICES = (_reps, _routing, _fairness, _offers, _assignments)
metadata = Base.metadata
