"""Who may read about people, and tell what they did."""

from shared.auth.access import Resource, Role, allow

CONTACTS = Resource(
    "contacts and companies", read=allow(Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER)
)
# Reps learn who a lead is from the service that gave it to them, and for their own leads only.
CONTACT_CARDS = Resource("contact cards", read=allow(services=("handoff", "sales")))
TOUCHES = Resource("touches", change=allow(Role.ADMIN, Role.MARKETER, servers="touches:write"))
