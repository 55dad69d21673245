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
# Sales asks before it opens a deal; whom somebody may put on one is by their roles there.
CONTACT_HOLDS = Resource("who holds a contact", read=allow(services=("sales",)))
CONTACTS_ON_DEALS = Resource(
    "contacts on deals",
    change=allow(Role.ADMIN, rows={Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED, Role.REP: Rows.OWN}),
)
TOUCHES = Resource("touches", change=allow(Role.ADMIN, Role.MARKETER, servers="touches:write"))
