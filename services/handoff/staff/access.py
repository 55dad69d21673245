"""Who may read and change teams and reps. A team is managed by whom it names as its manager."""

from shared.auth.access import Resource, Role, Rows, allow

MANAGERS = {Role.SALES_MANAGER: Rows.MANAGED}

NEW_TEAMS = Resource("the list of teams", change=allow(Role.ADMIN))
TEAMS = Resource(
    "teams",
    read=allow(Role.ADMIN, Role.ANALYST, rows={**MANAGERS, Role.REP: Rows.TEAM}, servers="teams:read"),
    change=allow(Role.ADMIN, rows=MANAGERS),
)
REPS = Resource(
    "reps",
    read=allow(Role.ADMIN, Role.ANALYST, rows={**MANAGERS, Role.REP: Rows.OWN}, servers="teams:read"),
    change=allow(Role.ADMIN, rows=MANAGERS),
)
