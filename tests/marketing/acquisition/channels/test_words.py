"""What a value says at all, how people heard of us, and what judging costs. Add a line."""

import time
from typing import Any

import pytest

from services.marketing.acquisition.channels.rules import classify, said, self_reported


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("spring", "spring"),
        (" spring ", "spring"),
        ("spring-{adgroup}", "spring-{adgroup}"),
        ("none of these", "none of these"),
        ("{gclid}", ""),
        ("{{campaign.name}}", ""),
        ("%%campaign%%", ""),
        ("[campaign]", ""),
        ("${campaign}", ""),
        ("{{{campaign}}}", ""),
        ("__CAMPAIGN_ID__", ""),
        ("(none)", ""),
        ("(not set)", ""),
        ("Undefined", ""),
        ("NULL", ""),
        ("[object Object]", ""),
        ("   ", ""),
        (None, ""),
    ],
)
def test_what_a_template_left_behind_says_nothing(text: str | None, kept: str) -> None:
    assert said(text) == kept


@pytest.mark.parametrize(
    "name",
    [
        "how_did_you_hear_about_us",
        "How did you hear about us?",
        "howDidYouFindUs",
        "source_self_reported",
        "wie_haben_sie_von_uns_erfahren",
        "Wie sind Sie auf uns aufmerksam geworden?",
        "Comment nous avez-vous connus ?",
        "¿Cómo nos conociste?",
        "Como nos conheceu?",
        "Come ci hai conosciuto?",
        "Hoe heeft u ons gevonden?",
        "Hur hittade du oss?",
        "Откуда Вы узнали о нас?",
    ],
)
def test_how_somebody_heard_of_us_is_found_in_many_languages(name: str) -> None:
    assert self_reported({"name": "Ana", name: "A podcast"}) == "A podcast"
    assert self_reported({name: "undefined", "message": "How did you hear"}) is None


def test_a_touch_is_judged_in_microseconds() -> None:
    visits: list[tuple[Any, ...]] = [
        ({"source": f"site{n}.example", "medium": f"cpc{n}", "campaign": f"c{n}"}, {"fbclid": f"f{n}"},
         f"https://www.page{n}.example/a/b?c=d") for n in range(500)
    ]  # fmt: skip
    began = time.process_time()
    for _ in range(20):
        for visit in visits:
            classify(*visit)
    assert (time.process_time() - began) / 10_000 < 50e-6  # 10 µs on a quiet machine


@pytest.mark.parametrize("unit", ["{", "{{", "[", "%%", "__A", "<", "a.", ".", "-", "%7b"])
def test_hostile_values_cost_what_their_length_costs(unit: str) -> None:
    text = unit * 200_000
    began = time.process_time()
    classify({"source": text, "medium": text, "campaign": text}, {"gclid": text}, text)
    assert time.process_time() - began < 0.5
