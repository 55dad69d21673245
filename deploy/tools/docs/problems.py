"""docs/problems.md, made from the error classes."""

import inspect
from pathlib import Path

from shared.http import problems

INTRO = """\
# Problems

Every error answer of the three services is `application/problem+json` (RFC 9457):

```json
{
  "type": "urn:leadloop:problem:invalid",
  "title": "Some fields are not valid",
  "status": 422,
  "detail": "Correct the fields named in `errors`.",
  "errors": [{"pointer": "/price/amount", "detail": "EUR has 2 decimals; 3 were given."}],
  "request_id": "4bf92f3577b34da6a3ce929d0e0e4736"
}
```

`type` is stable: decide by it, not by the text. `detail` says what to do. `errors[].pointer` is a JSON
pointer into the body; `?limit` is a query parameter, `{id}` a part of the path, `header X` a header.
`request_id` (also the header `x-request-id`) finds the request in our logs; it is the trace id of the
`traceparent` you sent, if you sent one. An answer with `Retry-After` may be sent again after so many
seconds: as it is, with the same `Idempotency-Key`.

| `type` ends in | status | title | what it means and what to do |
|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """The one page."""
    rows = [
        f"| `{kind.slug}` | {kind.status} | {kind.title} | {_meaning(kind)} |\n"
        for kind in problems.catalogue()
    ]
    return {Path("docs/problems.md"): INTRO + "".join(rows)}


def _meaning(kind: type[Exception]) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split())
