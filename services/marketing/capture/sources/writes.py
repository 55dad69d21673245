"""Set-based writes on forms."""

from services.marketing.capture.sources.rules import FormState
from services.marketing.capture.sources.tables import Form
from shared.database import bulk

# By the id alone, and not by the version: what a form is noted to do is no edit of it.
NOTE_STATES = bulk.update(Form, FormState, key=("id",))
