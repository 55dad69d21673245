"""Every table of sales, for migrations and their check."""

from services.sales.base import Base
from services.sales.reference.lists import tables as lists
from services.sales.reference.rates import tables as rates
from services.sales.reference.reps import tables as reps
from services.sales.selling.closing import tables as closing
from services.sales.selling.deals import tables as deals
from services.sales.selling.payments import tables as payments
from services.sales.selling.pipelines import tables as pipelines
from services.sales.work.activities import tables as activities
from services.sales.work.calendars import tables as calendars
from services.sales.work.demos import tables as demos
from services.sales.work.hand_overs import tables as hand_overs
from services.sales.work.resubmissions import tables as resubmissions
from services.sales.work.withdrawals import tables as withdrawals

SLICES = (
    activities,
    closing,
    deals,
    calendars,
    demos,
    hand_overs,
    lists,
    payments,
    pipelines,
    rates,
    reps,
    resubmissions,
    withdrawals,
)

metadata = Base.metadata
