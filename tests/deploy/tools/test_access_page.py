"""The page of who may do what names every route, or there is none."""

import pytest

from deploy.tools.docs.access import NoTableError, route_lines
from shared.auth.access import Resource, Role, RouteAccess, allow

NOTES = Resource("notes", read=allow(Role.REP))


def test_a_route_is_shown_with_the_line_of_the_table_it_takes() -> None:
    routes = [
        RouteAccess("GET", "/v1/notes", names=("read notes",)),
        RouteAccess("GET", "/livez", public="shows no data"),
    ]

    assert list(route_lines(routes, {"area": [NOTES]})) == [
        "| `GET /v1/notes` | read notes |\n",
        "| `GET /livez` | open: shows no data |\n",
    ]


@pytest.mark.parametrize("names", [(), ("read letters",)])
def test_a_route_past_the_tables_is_named(names: tuple[str, ...]) -> None:
    with pytest.raises(NoTableError, match="GET /v1/notes"):
        list(route_lines([RouteAccess("GET", "/v1/notes", names=names)], {"area": [NOTES]}))


def test_two_lines_of_one_name_are_refused() -> None:
    with pytest.raises(NoTableError, match="one name"):
        list(route_lines([], {"area": [NOTES], "another": [Resource("notes")]}))
