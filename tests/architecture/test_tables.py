"""A slice writes its own tables only, and reads its own and those of the slices it may import."""

import pytest

from shared.services import SERVICES
from tests.architecture.owned_tables import Use, all_violations, owners, sources, uses, violations

READ_ALL = frozenset({"insight", "overview", "revenue.reports"})  # they may read all of their service
# Being mended; each has to be wrong still, so that this list shrinks by itself.
RATES = "services.sales.reference.rates.queries"
TIMELINE = "services.marketing.overview.timeline.queries"


def test_every_slice_keeps_to_its_own_tables() -> None:
    assert all_violations(READ_ALL) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_is_written_by_somebody(service: str) -> None:
    """A table that nobody seems to write is one whose statements this test can't read."""
    found = {
        use.table
        for module, text in sources(service)
        for use in uses(service, module, text)
        if use.verb == "writes"
    }

    assert found == set(owners(service))


@pytest.mark.parametrize(
    ("code", "verb"),
    [
        ('f("DELETE FROM deals WHERE id = $1")', "writes"),
        ('f(f"UPDATE deals SET x = {one} FROM reps")', "writes"),
        ('connection.copy_records_to_table("deals", records=[])', "writes"),
        ("from services.sales.selling.deals.tables import Deal\nf(update(Deal))", "writes"),
        ("from services.sales.selling.deals import tables\nbulk.insert(tables.Deal, Row)", "writes"),
        ("from services.sales.selling.deals.tables import Deal as D\nsession.add(D(id=1))", "writes"),
        ('f("SELECT 1 FROM exchange_rates JOIN deals USING (id)")', "reads"),
    ],
)
def test_the_table_of_a_slice_above_would_be_noticed(code: str, verb: str) -> None:
    found = violations("sales", uses("sales", RATES, code), READ_ALL)

    assert Use(RATES, verb, "deals") in found


def test_reading_below_is_fine_and_prose_is_no_statement() -> None:
    code = '"""DELETE FROM leads is for nobody."""\nf("SELECT 1 FROM deliveries JOIN leads")'

    assert violations("marketing", uses("marketing", TIMELINE, code), READ_ALL) == set()
    assert Use(TIMELINE, "reads", "leads") in uses("marketing", TIMELINE, code)
