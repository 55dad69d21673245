"""Who may read and change what comes in, and where it comes from."""

from shared.auth.access import Resource, Role, allow

READERS = (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER)
WRITERS = (Role.ADMIN, Role.MARKETER)

SOURCES = Resource("forms and connections", read=allow(*READERS), change=allow(*WRITERS))
INTAKE = Resource("new leads", change=allow(*WRITERS, servers="leads:write"))
DELIVERIES = Resource("deliveries", read=allow(*READERS), change=allow(*WRITERS))
# As it came, whole: with what no form asked for.
RAW_DELIVERIES = Resource("bodies of deliveries", read=allow(Role.ADMIN))
SUBMISSIONS = Resource("submissions", read=allow(*READERS, servers="leads:read"), change=allow(*WRITERS))
BALANCE = Resource("the balance of capture", read=allow(*READERS))
