"""What rate is usual at a form: an hour up to max(20, 5 x the busiest of 28 days), by docs/definitions.md.

The hours are counted each minute by a worker, and noted on the form, where its doors read them.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.marketing.capture.sources.rules import FormSettings

HOUR = 3600  # seconds
FEWEST_UNUSUAL = 20
TIMES_THE_BUSIEST = 5


class FormHour(NamedTuple):
    """How many posts a form got in an hour, floods left out."""

    form_id: UUID
    hour: datetime
    arrivals: int


class FormRate(NamedTuple):
    """What a form's posts are held against: its busiest hour of 28 days, and how many this one brought."""

    id: UUID
    busiest_hour: int
    hour_began: datetime | None
    hour_count: int


def usual(form: FormSettings) -> int:
    """The most posts an hour may bring before its rate is unusual."""
    return max(FEWEST_UNUSUAL, TIMES_THE_BUSIEST * form.busiest_hour)


def counted(form: FormSettings, hour: int) -> int:
    """How many posts all processes together were counted to have got in this hour since 1970."""
    began = form.hour_began
    return form.hour_count if began is not None and int(began.timestamp()) // HOUR == hour else 0
