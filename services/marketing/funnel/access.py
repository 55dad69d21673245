"""Who may read leads, and say what makes one good."""

from shared.auth.access import Resource, Role, allow

READERS = (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER)

LEADS = Resource("leads", read=allow(*READERS, servers="leads:read"))
SCORING_MODEL = Resource("the scoring model", read=allow(*READERS), change=allow(Role.ADMIN, Role.MARKETER))
