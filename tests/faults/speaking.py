"""Runs one of our programs as a neighbouring version that writes its events a little differently.

`python -m tests.faults.speaking newer|older MODULE`. Newer: every event has fields nobody knows yet.
Older: fields that came later, which all have a default, are not there.
"""

import runpy
import sys

import orjson

from shared.events.envelope import Event

ADDED = {"added_later": {"text": "for whoever knows it", "list": [1, None, "ü"]}, "another": 1.5}


def newer(event: Event) -> bytes:
    """What a version with more fields would send."""
    return orjson.dumps({**event.model_dump(mode="json"), **ADDED})


def older(event: Event) -> bytes:
    """What a version from before the optional fields would send."""
    return event.model_dump_json(exclude_defaults=True).encode()


VERSIONS = {"newer": newer, "older": older}


def main() -> None:
    _, version, module = sys.argv
    setattr(Event, "data", VERSIONS[version])  # noqa: B010 - one method of all events, for this process
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
