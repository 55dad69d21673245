"""Who may read and change deals. A deal is one's own by its rep, and of a managed team by its rep's manager.

A manager who sells has deals of their own, whether or not they are a rep besides.
"""

from shared.auth.access import Resource, Role, Rows, allow

SELLERS = {Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED, Role.REP: Rows.OWN}
MANAGERS = {Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED}
READERS = allow(Role.ADMIN, Role.ANALYST, Role.FINANCE, rows=SELLERS)

PIPELINES = Resource("pipelines", read=allow(*Role), change=allow(Role.ADMIN, Role.SALES_MANAGER))
DEALS = Resource("deals", read=READERS, change=allow(Role.ADMIN, rows=SELLERS))
# Reopening, amending and refunding: what a deal was closed with is no longer its rep's to say.
CORRECTIONS = Resource("closed deals", change=allow(Role.ADMIN, Role.FINANCE, rows=MANAGERS))
PAYMENTS = Resource("payments", read=READERS, change=allow(Role.ADMIN, Role.FINANCE, rows=SELLERS))
