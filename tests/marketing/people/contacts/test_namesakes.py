"""Whether two names can be one person's."""

import pytest

from services.marketing.people.contacts.namesakes import Likeness, Name, compare

SAME, UNKNOWN, DIFFERENT = Likeness.SAME, Likeness.UNKNOWN, Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        (("Eva", "Muster"), ("eva", "MUSTER"), SAME, SAME),
        (("Eva", "Muster"), ("Otto", "Muster"), DIFFERENT, SAME),
        (("Eva", "Muster"), ("Eva", "Kern"), SAME, DIFFERENT),
        (("Eva", "Muster"), (None, "Muster"), UNKNOWN, SAME),
        (("Eva", "Muster"), (None, None), UNKNOWN, UNKNOWN),
        (("Eva", "Muster"), ("E.", "Muster"), UNKNOWN, SAME),
        (("Eva", "Muster"), ("Eva", "M."), SAME, UNKNOWN),
        (("Eva", "Muster"), ("O.", "Muster"), DIFFERENT, SAME),
        (("José", "Núñez"), ("Jose", "Nunez"), SAME, SAME),
        (("Jürgen", "Groß"), ("Juergen", "Gross"), SAME, SAME),
        (("Jürgen", "Groß"), ("JURGEN", "GROSS"), SAME, SAME),
        (("Łukasz", "Bąk"), ("Lukasz", "Bak"), SAME, SAME),
        (("Søren", "Kjær"), ("Soren", "Kjaer"), SAME, SAME),
        (("Siobhán", "O\u2019Brien"), ("Siobhan", "OBrien"), SAME, SAME),
        (("علی‌رضا", "کریمی"), ("علیرضا", "کریمی"), SAME, SAME),
        (("伟", "王"), ("明", "王"), DIFFERENT, SAME),
        (("伟", "王"), ("伟明", "王"), DIFFERENT, SAME),
        (("Stefan", "Meyer"), ("Stephan", "Meier"), SAME, SAME),
        (("Matthias", "Kern"), ("Mathias", "Kern"), SAME, SAME),
        (("Carl", "Schmitt"), ("Karl", "Schmit"), SAME, SAME),
        (("Philip", "Kern"), ("P.", "Kern"), UNKNOWN, SAME),
        (("Thomas", "Kern"), ("T", "Kern"), UNKNOWN, SAME),
        (("Carl", "Kern"), ("Carla", "Kern"), DIFFERENT, SAME),
        (("Eva", "Kern"), ("Ava", "Kern"), DIFFERENT, SAME),
        (("Thomas", "Kern"), ("Tom", "Kern"), SAME, SAME),
        (("Elizabeth", "Kern"), ("Beth", "Kern"), SAME, SAME),
        (("Alexander", "Kern"), ("Alexandra", "Kern"), DIFFERENT, SAME),
        (("Andreas", "Kern"), ("Andrea", "Kern"), DIFFERENT, SAME),
        (("Jan", "Kern"), ("Jana", "Kern"), DIFFERENT, SAME),
        (("Paul", "Kern"), ("Paulina", "Kern"), DIFFERENT, SAME),
        (("Hans-Peter", "Kern"), ("Hans", "Kern"), SAME, SAME),
        (("Anna Maria", "da Silva"), ("Maria", "Silva"), SAME, SAME),
        (("Eva", "Kern-Ito"), ("Eva", "Ito"), SAME, SAME),
        (("Dr. Eva", "Muster"), ("Eva", "Muster"), SAME, SAME),
        (("Muster", "Eva"), ("Eva", "Muster"), SAME, SAME),
        (("Muster", None), ("Eva", "Muster"), UNKNOWN, SAME),
        (("Otto", None), ("Eva", "Muster"), DIFFERENT, UNKNOWN),
        (("Eva Muster", None), ("Eva", "Muster"), SAME, SAME),
        (("Eva", None), ("Eva", "Muster"), SAME, UNKNOWN),
        (("-", "."), ("Eva", "Muster"), UNKNOWN, UNKNOWN),
    ],
)
def test_two_names(one: Name, other: Name, given: Likeness, family: Likeness) -> None:
    assert compare(one, other) == (given, family)
    assert compare(other, one) == (given, family)
