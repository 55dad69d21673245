"""What forms call their fields, and what people type into them."""

from tests.sabotage.bug import Bug

READING = "services/marketing/capture/connectors/person_reading.py"
NUMBERS = "services/marketing/people/contacts/numbers.py"
ADDRESSES = "services/marketing/people/contacts/addresses.py"
VALUES = "tests/marketing/capture/connectors/test_field_mapping_values.py::"
TABLES = "tests/marketing/people/contacts/test_normalize_"

FIELDS = (
    Bug(
        name="a placeholder is an address, and all who type it are one person",
        file=ADDRESSES,
        old="        return [] if is_placeholder(found) else [found]\n",
        new="        return [found]\n",
        caught_by=(TABLES + "addresses.py::test_an_address_that_says_none_is_none",),
    ),
    Bug(
        name="an unusable first address hides the good second one",
        file=READING,
        old="self.found.fields.get(name, [])[:MOST_TRIED]:\n",
        new="self.found.fields.get(name, [])[:1]:\n",
        caught_by=(VALUES + "test_the_first_usable_value_wins",),
    ),
    Bug(
        name="a confirmation with a typing error is a second address of the person",
        file=READING,
        old="is_theirs = rank <= SURE and not",
        new="is_theirs = not",
        caught_by=(VALUES + "test_the_first_usable_value_wins",),
    ),
    Bug(
        name="a spreadsheet's decimals become digits of the number",
        file=NUMBERS,
        old='text = _DECIMALS.sub("", text) if',
        new="text = text if",
        caught_by=(TABLES + "numbers.py::test_a_number_as_it_is_meant",),
    ),
    Bug(
        name="a name of a form or a product is the person's",
        file="services/marketing/capture/connectors/field_mapping.py",
        old="    _set_strangers_aside(found)\n",
        new="",
        caught_by=(
            "tests/marketing/capture/connectors/test_field_mapping_names.py::test_a_name_of_something_else_is_an_answer",
        ),
    ),
)
