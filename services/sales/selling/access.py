"""Who may read and change deals. A deal is one's own by its rep, and of a managed team by its rep's manager.

A manager who sells has deals of their own, whether or not they are a rep besides.
"""

from shared.auth.access import Resource, Role, Rows, allow

SELLERS = {Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED, Role.REP: Rows.OWN}
MANAGERS = {Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED}
READERS = allow(Role.ADMIN, Role.ANALYST, Role.FINANCE, rows=SELLERS, servers="deals:read")

PIPELINES = Resource(
    "pipelines", read=allow(*Role, servers="deals:read"), change=allow(Role.ADMIN, Role.SALES_MANAGER)
)
DEALS = Resource("deals", read=READERS, change=allow(Role.ADMIN, rows=SELLERS))
# Who has a deal is their manager's to say.
OWNERS = Resource("owners of deals", change=allow(Role.ADMIN, rows=MANAGERS))
# Reopening, amending and refunding: what a deal was closed with is no longer its rep's to say.
CORRECTIONS = Resource("closed deals", change=allow(Role.ADMIN, Role.FINANCE, rows=MANAGERS))
# What a win may wait for is not for who wins to say; PROVIDER is the key of a payment provider's server.
PROVIDER = "payments:write"
PAYMENTS = Resource("payments", read=READERS, change=allow(Role.ADMIN, Role.FINANCE, servers=PROVIDER))
PAYMENTS_OF_SELLERS = Resource(
    "payments where REPS_BOOK_PAYMENTS is true",
    change=allow(Role.ADMIN, Role.FINANCE, rows=SELLERS, servers=PROVIDER),
)
