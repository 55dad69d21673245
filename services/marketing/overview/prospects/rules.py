"""A prospect as typed, in the one form each field has. Pure: what can't be used is named."""

from typing import Any

from services.marketing.people.contacts import normalize
from services.marketing.people.contacts.rules import Person
from services.marketing.people.corrections import rules as corrections
from shared.errors import FieldError


def person_of(given: dict[str, Any]) -> tuple[Person, list[FieldError]]:
    """The person as a source that signed in says, and the fields that can't be used."""
    told = {name: value for name, value in given.items() if value is not None}
    domain = told.pop("domain", None)
    values, faults = corrections.contact_values(told, country=None)
    if domain is not None:
        values["company_domain"] = normalize.company_domain(domain)
        if values["company_domain"] is None:
            faults.append({"pointer": "/domain", "detail": corrections.DOMAIN})
    return Person(**values, trust="authenticated"), faults
