"""What a card says of a person, and what of it an offer shows. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from services.marketing.people.contacts.rules import Word
from services.marketing.people.holds.rules import Stage
from shared.clients.backgrounds import Background

Said = tuple[str | None, Word]
HIDDEN = "[shown once accepted]"
# What is as good as an address or a number in a text: masked more than needed rather than less.
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"\+?\d(?:[\s()/.\u2010-\u2015-]{0,3}\d){6,}")
# Whatever else is known of a person would be another way to reach them.
OF_AN_OFFER = ("name", "job_title", "country", "company", "company_otherwise")


def card(
    said: Mapping[str, Said], wrote: Mapping[str, str], background: Background | None, stage: Stage
) -> dict[str, Any]:
    """The fields of the card, by name, for somebody who holds this much of the person.

    `said` is what is known of them, each with who stands for it.
    """
    if stage is Stage.NONE:
        return {"status": "withheld"}
    offered = stage is Stage.OFFERED
    shown = {name: said[name] for name in OF_AN_OFFER} if offered else said
    hide = masked if offered else str
    return {
        "status": "offered" if offered else "available",
        **{name: value and hide(value) for name, (value, _) in shown.items()},
        "wrote": {name: hide(text) for name, text in wrote.items()},
        "background": of_an_offer(background) if offered and background else background,
        "unverified": [name for name, (value, word) in shown.items() if value and word is Word.ANONYMOUS],
    }


def of_an_offer(background: Background) -> Background:
    """What came before, without a way to reach the person."""
    enquiries = [
        enquiry.model_copy(
            update={
                "page": enquiry.page and masked(enquiry.page),
                "wrote": {name: masked(text) for name, text in enquiry.wrote.items()},
            }
        )
        for enquiry in background.enquiries
    ]
    touches = [
        touch.model_copy(update={"page": touch.page and masked(touch.page)}) for touch in background.touches
    ]
    return background.model_copy(update={"enquiries": tuple(enquiries), "touches": tuple(touches)})


def masked(text: str) -> str:
    """A text without the addresses and numbers by which somebody could be reached."""
    without_addresses = _WORD.sub(lambda word: HIDDEN if "@" in word[0] else word[0], text)
    return _NUMBER.sub(HIDDEN, without_addresses)
