"""The set-based write of consents."""

from services.marketing.people.consents.rules import ConsentRow
from services.marketing.people.consents.tables import ConsentGiven
from shared.database import bulk

# A submission that is processed again says nothing new.
ADD = bulk.insert(ConsentGiven, ConsentRow, constants=("recorded_at",), on_conflict=bulk.keep())
