"""Who may read all that is known of a person, and which services may ask for it."""

from shared.auth.access import Resource, Role, Rows, allow

TIMELINES = Resource("timelines", read=allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER))
# Reps learn who a lead is from the service that gave it to them; marketing says how much they may know.
CONTACT_CARDS = Resource("contact cards", read=allow(services=("handoff", "sales")))
# Marketing may look for anybody and make people; of the others everyone sees and takes who is theirs or free.
SELLERS = {Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED, Role.REP: Rows.OWN}
PROSPECTS = Resource(
    "prospects",
    read=allow(Role.ADMIN, Role.MARKETER, rows=SELLERS),
    change=allow(Role.ADMIN, Role.MARKETER, rows=SELLERS),
)
