"""Every table of sales, for migrations and their check."""

from services.sales.activities import tables as activities
from services.sales.base import Base
from services.sales.closing import tables as closing
from services.sales.deals import tables as deals
from services.sales.payments import tables as payments
from services.sales.pipelines import tables as pipelines
from services.sales.rates import tables as rates
from services.sales.reps import tables as reps

SLICES = (activities, closing, deals, payments, pipelines, rates, reps)

metadata = Base.metadata
