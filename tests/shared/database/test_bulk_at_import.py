"""A statement that can't be right is refused when its module is loaded."""

from dataclasses import asdict, astuple

import pytest

from shared.database import bulk
from tests.shared.database.test_bulk import Misspelt, Named, Row, Sample, full


def test_a_field_that_is_no_column_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="numbr"):
        bulk.insert(Sample, Misspelt)
    with pytest.raises(TypeError, match="shrad"):
        bulk.insert(Sample, Named, computed={"shrad": "1"})
    with pytest.raises(TypeError, match="nmae"):
        bulk.update(Sample, Named, key=("id",), returning=("nmae",))


def test_an_insert_without_a_value_that_the_table_needs_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="number"):
        bulk.insert(Sample, Named, only=("id", "name"))


def test_a_parameter_that_a_statement_does_not_use_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="day"):
        bulk.Statement("SELECT * FROM {rows}", rows=bulk.Rows(Sample, Named), day="date")


def test_columns_are_taken_in_the_order_of_the_fields() -> None:
    row = full(1)
    plain = bulk.Rows(Sample, Row, only=("id", "number", "name"))
    assert plain.columns([row]) == [(row.id,), (1,), (row.name,)]
    assert list(asdict(row)) == list(bulk.Rows(Sample, Row).names)
    assert len(astuple(row)) == len(bulk.Rows(Sample, Row).columns([]))
