"""Who may read offers, and answer, return or reassign them. An offer is its rep's, and their manager's."""

from dataclasses import replace

from shared.auth.access import Resource, Role, Rows, allow

MANAGERS = {Role.SALES_MANAGER: Rows.MANAGED}
PARTIES = allow(Role.ADMIN, rows={**MANAGERS, Role.REP: Rows.OWN})

SERVERS = "assignments:read"

ASSIGNMENTS = Resource("assignments", read=replace(PARTIES, servers=SERVERS))
# Nobody answers for a rep, whatever else they may.
ANSWERS = Resource("answers to offers", change=allow(rows={Role.REP: Rows.OWN}))
RETURNS = Resource("returns of accepted leads", change=PARTIES)
REASSIGNMENTS = Resource("whom an offer is made to", change=allow(Role.ADMIN, rows=MANAGERS))
POOL = Resource("the pool", read=allow(Role.ADMIN, rows=MANAGERS, servers=SERVERS))
