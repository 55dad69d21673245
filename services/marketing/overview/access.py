"""Who may read all that is known of a person."""

from shared.auth.access import Resource, Role, allow

TIMELINES = Resource("timelines", read=allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER))
