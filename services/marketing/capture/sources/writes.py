"""Set-based writes on forms."""

from services.marketing.capture.sources.rates import FormHour, FormRate
from services.marketing.capture.sources.rules import FormState
from services.marketing.capture.sources.tables import Form, HourOfForm
from shared.database import bulk

# By the id alone, and not by the version: what a form is noted to do is no edit of it.
NOTE_STATES = bulk.update(Form, FormState, key=("id",))
NOTE_RATES = bulk.update(
    Form,
    FormRate,
    key=("id",),
    where="(t.busiest_hour, t.hour_began, t.hour_count) "
    "IS DISTINCT FROM (x.busiest_hour, x.hour_began, x.hour_count)",
)
NOTE_HOURS = bulk.insert(
    HourOfForm, FormHour, order_by=("form_id", "hour"), on_conflict=bulk.replace("form_id", "hour")
)
