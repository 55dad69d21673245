"""docs/how-to/what-is-kept.md, made from the kinds of things that are kept, and from the settings."""

from importlib import import_module
from pathlib import Path

from services.retention import KINDS
from shared.settings import CommonSettings
from shared.worker.retention import PLUMBING, Kept

INTRO = """\
# What is kept, and for how long

Each kind of thing below is kept for its days and then goes, in bites of a thousand rows, every ten minutes,
by each service's worker. Any number of workers may run; none waits for another. What **waits** (a delivery
nobody has read, a submission that is to be processed, a parked event) is never touched, however old it is.

`0` keeps a kind for ever. A number that is too small for what rests on it stops the start, and says so.

```sh
leadloop retention show               # kinds, days, how many are due, since when the oldest is there
leadloop retention run --dry-run      # how many would go now
leadloop retention run marketing      # let them go now; the worker does it by itself
```

## Everywhere

"""
HEAD = "| kind | what | setting | days | what stays |\n|---|---|---|---|---|\n"
OUTRO = """
Sales and handoff keep no person. What reps write in their own words (titles, notes, reasons of changes,
sheets of demos, notes of hand-overs) may name one all the same: it stays in sales with its deal or activity,
goes into no event, no feed and no other service, and the trail has no text of it.

## What follows

- **Repeats are still known.** A body leaves its hash behind, and a submission the hash of what was told:
  the same again is a repeat, another body under a known key is another body, whether the first one is still
  there or not.
- **Counts stay.** No row of a delivery or submission goes, so the two equations of `GET
  /v1/submissions/balance`, the equations of `leadloop reconcile` and every report are what they were.
- **No replay without a body.** A quarantined, rejected or unreadable one whose body has gone answers a
  replay with 409 and says what to do; a replay of many leaves it out. `cleared_at` says since when.
- **What is gone is gone.** It is not in the log, and not on disk once PostgreSQL has reused the space (its
  own vacuum does that). It is in your backups for as long as you keep those.
- People, companies, leads, touches, consents and the history of corrections are kept: they go when somebody
  is erased.

`leadloop_retention_cleared_total` counts by kind, `leadloop_retention_oldest_seconds` has the age of the
oldest that is kept. An age that grows past its days says that the worker doesn't get to it:

```
leadloop_retention_oldest_seconds{kind="captured"} > 731 * 86400
```

`bodies` may be older than their days where a lead in them was refused: those are kept as `refused`. A day
of the `outbox` log is older as long as something in it was not sent, or was given up in the outbox.
"""


def pages() -> dict[Path, str]:
    """The one page."""
    parts = [INTRO, HEAD, *(_row(kept, CommonSettings) for kept in PLUMBING)]
    for service, kinds in KINDS.items():
        own = [kept for kept in kinds if kept not in PLUMBING]
        if own:
            settings = import_module(f"services.{service}.settings").Settings
            parts += [f"\n## {service.capitalize()}\n\n", HEAD, *(_row(kept, settings) for kept in own)]
    return {Path("docs/how-to/what-is-kept.md"): "".join([*parts, OUTRO])}


def _row(kept: Kept, settings: type[CommonSettings]) -> str:
    days = settings.model_fields[kept.setting].default
    return f"| `{kept.kind}` | {kept.what} | `{kept.setting.upper()}` | {days} | {kept.stays} |\n"
