"""Answers named by the question that was asked ("Wie groß ist Ihr Team?"), not by an id. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from services.marketing.capture.connectors.field_mapping import Defaults, clean, read_lead
from services.marketing.capture.connectors.rules import CapturedLead
from services.marketing.capture.sources.rules import OUR_FIELDS

LONGEST = 100  # characters of a name


def as_name(question: str) -> str:
    """A question as the name of its answer: one line, not endless."""
    return clean(" ".join(question.split()))[:LONGEST]


def name_answers(lead: CapturedLead, questions: Iterable[str]) -> CapturedLead:
    """The lead with the answers to these questions under the questions' own words.

    What can't be used under the name of a field of ours keeps that name: it is not to be taken for a fact.
    """
    words = {kept: question for question in questions if (kept := _kept_as(question)) not in OUR_FIELDS}
    return replace(lead, answers={words.get(name, name): text for name, text in lead.answers.items()})


@lru_cache(4096)  # forms ask the same questions every time
def _kept_as(question: str) -> str:
    """The name under which `read_lead` keeps the answer to a question it does not know."""
    return next(iter(read_lead({question: "1"}, Defaults()).answers), question)
