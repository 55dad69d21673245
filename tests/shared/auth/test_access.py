"""What a line of a table of access says, of callers with one role and with several."""

import pytest

from shared.auth.access import Caller, Resource, Role, Rows, allow

NOTES = Resource(
    "notes",
    read=allow(Role.ANALYST, rows={Role.REP: Rows.OWN, Role.SALES_MANAGER: Rows.OWN | Rows.MANAGED}),
    change=allow(rows={Role.REP: Rows.OWN, Role.SALES_MANAGER: Rows.MANAGED}),
)


def person(*roles: Role) -> Caller:
    return Caller("person", "ana", frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "seen", "changed"),
    [
        ((Role.REP,), Rows.OWN, Rows.OWN),
        ((Role.ANALYST,), Rows.ALL, Rows.NONE),
        ((Role.REP, Role.ANALYST), Rows.OWN | Rows.ALL, Rows.OWN),
        ((Role.SALES_MANAGER, Role.ANALYST), Rows.OWN | Rows.MANAGED | Rows.ALL, Rows.MANAGED),
        ((Role.REP, Role.SALES_MANAGER), Rows.OWN | Rows.MANAGED, Rows.OWN | Rows.MANAGED),
        ((Role.MARKETER,), Rows.NONE, Rows.NONE),
    ],
)
def test_two_roles_reach_the_rows_of_both_verb_by_verb(
    roles: tuple[Role, ...], seen: Rows, changed: Rows
) -> None:
    assert (NOTES.read.reach(person(*roles)), NOTES.change.reach(person(*roles))) == (seen, changed)


def test_a_role_that_may_not_do_it_counts_for_nothing() -> None:
    both = person(Role.REP, Role.ANALYST)

    assert NOTES.read.by(both, Role.ANALYST)
    assert not NOTES.change.by(both, Role.ANALYST)


def test_who_may_see_and_not_change_hears_what_they_may_change() -> None:
    refusal = NOTES.change.beyond(person(Role.SALES_MANAGER, Role.REP, Role.ANALYST))

    assert refusal.detail == (
        "You may see this, but change notes only among your own and those of teams you manage."
    )


def test_a_table_that_lets_a_role_change_what_it_cannot_see_is_none() -> None:
    with pytest.raises(ValueError, match="notes: rep would change all and see your own"):
        Resource("notes", read=allow(rows={Role.REP: Rows.OWN}), change=allow(Role.REP))


def test_a_verb_left_out_is_nobodys() -> None:
    assert Resource("notes", read=allow(Role.REP)).change.wanted() == "nobody"


def test_a_server_reaches_all_rows_with_the_scope_and_none_without() -> None:
    access = allow(Role.ADMIN, rows={Role.REP: Rows.OWN}, servers="things:read")

    for scopes, reached in ((["things:read", "x:y"], Rows.ALL), (["x:y"], Rows.NONE), ([], Rows.NONE)):
        assert access.reach(Caller("server", "1", scopes=frozenset(scopes))) == reached
    unopened = allow(Role.ADMIN)
    assert unopened.reach(Caller("server", "1", scopes=frozenset(["things:read"]))) == Rows.NONE
