"""A form's own mapping, and bodies of any shape."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.capture.connectors.field_mapping import Defaults, named_fields, read_lead
from services.marketing.capture.connectors.server_api import adapter
from tests.marketing.capture.connectors.senders import CORA, seen


@pytest.mark.parametrize(
    ("mapping", "body", "expected"),
    [
        ({"payload.data.Email": "email"}, {"payload": {"data": {"Email": CORA}}}, {"email": CORA}),
        (
            {"$.payload.data.Betrieb": "company_name"},
            {"payload": {"data": {"Betrieb": "Acme"}}},
            {"company_name": "Acme"},
        ),
        ({"a[b]": "email"}, {"a": {"b": CORA, "email": "x@y.example"}}, {"email": CORA}),
        ({"x[0].who": "full_name"}, {"x": [{"who": "Cora Seven"}, {"who": "Ben"}]}, {"given_name": "Cora"}),
        ({"$.list[1]": "job_title"}, {"list": [{"a": 1}, "Buyer"]}, {"job_title": "Buyer"}),
        ({"$['a b']['c']": "region"}, {"a b": {"c": "Tirol"}}, {"region": "Tirol"}),
        ({"your-email": "email"}, {"your-email": CORA}, {"email": CORA}),
        (
            {"Seats": "company_size"},
            {"data": {"fields": [{"label": "Seats", "value": "60"}]}},
            {"company_size": 60},
        ),
        ({"q_7": "company_size"}, {"form_fields[q_7]": "60"}, {"company_size": 60}),
        (
            {"email": "ignore"},
            {"email": "form@ours.example", "data": {"visitor_mail": CORA}},
            {"email": CORA},
        ),
        ({"a.b.c.d.e": "email"}, {"a": {"b": {"c": {"d": {"e": CORA}}}}}, {"email": CORA}),
    ],
)
def test_a_forms_own_mapping_reaches_everywhere(
    mapping: dict[str, str], body: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert seen(body, expected, Defaults(mapping)) == expected


def test_answers_inside_of_answers_are_kept() -> None:
    lead = read_lead(
        {"data": {"fields": [{"label": "Wie groß ist Ihr Team?", "value": "11-50"}]}, "a": {"b": [1, 2]}},
        Defaults(),
    )
    assert lead.answers == {"wie_gross_ist_ihr_team": "11-50", "a_b": "1, 2"}


def test_a_body_of_any_depth_and_width_is_bounded() -> None:
    deep: dict[str, Any] = {"email": CORA}
    for _ in range(300):
        deep = {"a": deep, "b": [deep]}
    lead = read_lead({"x": deep, "email": CORA, **{f"f{n}": [{"k": n}] * 50 for n in range(300)}}, Defaults())
    assert len(lead.answers) <= 200


def test_the_names_of_a_body_and_what_each_is() -> None:
    body = {
        "form_fields[email]": CORA,
        "seats": "60",
        "_wpcf7": "12",
        "data": {"label": "Firma", "value": "Acme"},
    }
    assert named_fields(body, {"seats": "company_size"}) == {
        "form_fields[email]": "email",
        "seats": "company_size",
        "Firma": "company_name",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"traits": {"email": CORA}},
        {"properties": {"email": CORA}},
        {"properties": {"email": {"value": CORA}}},
        {"email": [CORA, "b@x.example"]},
        {"emails": [CORA]},
        {"answers": {"your-email": CORA}},
        {"lead": {"type": "person", "name": "Cora", "email": CORA}},
        {"contact": {"type": "x", "id": "c_1", "emailAddress": CORA}},
        {"contact": {"name": "Cora", "value": "5", "email": CORA, "text": "Hi"}},
        {"item": {"id": "1", "text": "Hi", "user": {"email": CORA}}},
        {"responses": [{"question": {"text": "Email"}, "answer": CORA}]},
        {"responses": [{"question": "Email", "answer": {"text": CORA}}]},
        {"responses": [{"type": "email", "value": CORA}]},
        {"fields": [{"field": "email", "value": CORA}]},
        {"fields": [{"Email": CORA}, {"Name": "Cora"}]},
        {"field": {"id": "1", "label": "Where to?", "value": None, "contact": {"email": CORA}}},
        {"contact": {"emails": [{"email": CORA, "primary": True}]}},
    ],
)
def test_another_systems_lead_is_read_as_deep(body: dict[str, Any]) -> None:
    [lead] = adapter.read(orjson.dumps(body))
    assert lead.person.email == CORA


LOOKS_LIKE_A_QUESTION = "label name value type id key title answer answers fields data text ref x 1"
names = st.sampled_from(LOOKS_LIKE_A_QUESTION.split())
scalars = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "hi", "text", "email"])
things = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4),
    max_leaves=5,
)
around = st.dictionaries(names, things, max_size=3)


@st.composite
def bodies_with_an_address(draw: st.DrawFn) -> dict[str, Any]:
    """An address in some part of a body that looks like questions, answers and descriptions of them."""
    body: Any = {**draw(around), "email": CORA}
    for _ in range(draw(st.integers(0, 3))):
        inner = [*draw(st.lists(things, max_size=1)), body] if draw(st.booleans()) else body
        name = draw(st.sampled_from(["x", "contact", "data", "fields", "item", "payload", "answer"]))
        body = {**draw(around), name: inner}
    return dict(body)


@given(bodies_with_an_address())
def test_an_address_is_found_wherever_it_stands(body: dict[str, Any]) -> None:
    assert read_lead(body, Defaults()).person.email == CORA
