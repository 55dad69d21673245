"""Which query parameters a route knows. What it does not know is refused, as in bodies: a filter that was
mistyped, or that another list has, would answer another question with 200.
"""

import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.requests import Request

from shared.errors import FieldError, InvalidError

MOST_NAMED = 20
LONGEST_NAMED = 80


def any_query() -> None:
    """Depend on it where people open the address: what mailers and ad platforms add to it is no mistake."""


def known(dependant: Dependant) -> Mapping[str, bool] | None:
    """The names a route and all it depends on read from the query, and whether each may come repeatedly.

    None when any may come.
    """
    return None if _takes_any(dependant) else dict(_names(dependant))


def _takes_any(dependant: Dependant) -> bool:
    return dependant.call is any_query or any(map(_takes_any, dependant.dependencies))


def _names(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, each in model.model_fields.items():
                yield each.alias or name, _is_list(each.annotation)
        else:
            yield field.alias, _is_list(model)
    for below in dependant.dependencies:
        yield from _names(below)


def _is_list(annotation: Any) -> bool:
    choices = [annotation, *typing.get_args(annotation)]
    return any(typing.get_origin(choice) in (list, tuple, set, frozenset) for choice in choices)


def check(request: Request, names: Mapping[str, bool] | None) -> None:
    """Raises InvalidError naming every parameter that is not known, or that came twice and has one value."""
    if names is None or not request.scope.get("query_string"):
        return
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = [*_unknown(given, names), *_repeated(given, names)]
    if wrong:
        raise InvalidError("Correct the query parameters named in `errors`.", errors=wrong[:MOST_NAMED])


def _unknown(given: Counter[str], names: Mapping[str, bool]) -> Iterator[FieldError]:
    there_are = f"There are: {', '.join(sorted(names))}." if names else "This path has none."
    for name in given:
        if name not in names:
            yield {"pointer": f"?{name[:LONGEST_NAMED]}", "detail": f"No such parameter. {there_are}"}


def _repeated(given: Counter[str], names: Mapping[str, bool]) -> Iterator[FieldError]:
    for name, times in given.items():
        if times > 1 and names.get(name) is False:
            yield {"pointer": f"?{name}", "detail": f"Given {times} times; it takes one value."}
