"""Paths into a body, and settings that are taken or refused."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.marketing.capture.connectors.generic.paths import find, parse_path
from services.marketing.capture.connectors.generic.rules import parse_settings
from services.marketing.capture.sources.rules import SettingError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["signature", "fields", "header", "events", "x"]), inner, max_size=4
        )
    ),
)


def test_a_path_leads_to_one_value_or_nowhere() -> None:
    value = {"a": [{"b": {"c": "x"}, "d": 1}, {"b": {"c": "y"}, "d": 2}], "odd name": {"": 3}}
    wanted = {
        "$": value,
        "$.a[1].d": 2,
        "$.a[?(@.b.c=='y')].d": 2,
        '$.a[?@.b.c == "x"]["d"]': 1,
        "$['odd name']['']": 3,
        "$.a[7].d": None,
        "$.a.d": None,
        "$.a[?(@.b=='x')]": None,
        "$.a[0].d.e": None,
    }
    for text, found in wanted.items():
        path = parse_path(text)
        assert path is not None, text
        assert find(value, path) == found, text
    for text in ("", "a", "$a", "$..a", "$.a[*]", "$.a[-1]", "$.a[?(@.b>1)]", "$.", "$" + ".a" * 200):
        assert parse_path(text) is None, text


@given(st.dictionaries(st.sampled_from(["signature", "fields", "answers", "event", "events"]), JSON))
def test_settings_are_taken_or_refused_and_never_a_defect(given_settings: dict[str, Any]) -> None:
    with suppress(SettingError):
        parse_settings(given_settings)
