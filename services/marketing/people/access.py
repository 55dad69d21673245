"""Who may read about people, and tell what they did."""

from shared.auth.access import Resource, Role, Rows, allow

READERS = (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER)
CONTACTS = Resource("contacts", read=allow(*READERS))
# A manager corrects whom their teams hold; a rep sees and corrects whom they hold, and names and phone only.
ONE_CONTACT = Resource(
    "a contact",
    read=allow(*READERS, rows={Role.REP: Rows.OWN}),
    change=allow(Role.ADMIN, Role.MARKETER, rows={Role.SALES_MANAGER: Rows.MANAGED, Role.REP: Rows.OWN}),
)
COMPANIES = Resource(
    "companies", read=allow(*READERS), change=allow(Role.ADMIN, Role.MARKETER, Role.SALES_MANAGER)
)
# Reps learn who a lead is from the service that gave it to them, and for their own leads only.
CONTACT_CARDS = Resource("contact cards", read=allow(services=("handoff", "sales")))
TOUCHES = Resource("touches", change=allow(Role.ADMIN, Role.MARKETER, servers="touches:write"))
