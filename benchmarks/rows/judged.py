"""What a glance costs: the rules that look at every form and every touch, alone in one process."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count

from benchmarks.figures import Effort, Goal, Report, Spread, lines_of
from benchmarks.samples import form_body
from services.marketing.acquisition.channels.rules import classify
from services.marketing.capture.connectors.web_form.rules import may_reach

NAME = "judged"
TITLE = "A glance"
LOOK = "the door's look at a body that has an address"
LOOK_IN_VAIN = "the door's look at a body of the same size that has none"
CHANNEL = "channel rules, each touch another source, medium, campaign, referrer and click id"
MOST_US = 10
EACH = 2_000  # calls of a run
Run = Mapping[str, float]
Calls = Sequence[Callable[[], object]]


async def measure(effort: Effort) -> Report:
    """Microseconds a call: runs of many calls, as often as time allows."""
    report = Report(
        NAME,
        TITLE,
        f"Runs of {EACH:,} calls in one process, the middle run of each repeat. No two calls are "
        "alike, so that nothing the rules remember answers one: dearer than a day's touches are.",
    )
    subjects: dict[str, Callable[[int], Calls]] = {
        LOOK: partial(_looks, form_body),
        LOOK_IN_VAIN: partial(_looks, _nobody),
        CHANNEL: _touches,
    }
    first = count(step=EACH)
    samples: dict[str, list[Run]] = {subject: [] for subject in subjects}
    for _ in range(effort.repeats):
        for subject, calls in subjects.items():
            samples[subject].append({"µs a call": _middle(calls, first, effort.seconds / len(subjects))})
    report.lines = lines_of(samples)
    report.goals = [
        Goal(f"{subject}, µs", Spread.of([run["µs a call"] for run in runs]), at_most=MOST_US)
        for subject, runs in samples.items()
    ]
    return report


def _looks(body: Callable[[int], bytes], first: int) -> Calls:
    return [partial(may_reach, body(number)) for number in range(first, first + EACH)]


def _nobody(number: int) -> bytes:
    """A form in which there is neither an @ nor a number that could be a telephone's."""
    return form_body(number).replace(b"@", b" at ").translate(None, b"0123456789").replace(b"%", b"~")


def _touches(first: int) -> Calls:
    """One of four has no tags, so that its referrer is asked."""
    calls: list[Callable[[], object]] = []
    for number in range(first, first + EACH):
        told = {"source": f"partner-{number}", "medium": f"cpc {number}", "campaign": f"spring-{number}"}
        utm = told if number % 4 else {}
        clicks = {"gclid": f"EAIa{number}"} if number % 3 == 0 else {}
        calls.append(partial(classify, utm, clicks, f"www.site-{number}.example/page"))
    return calls


def _middle(make: Callable[[int], Calls], first: Iterator[int], seconds: float) -> float:
    runs: list[float] = []
    ends = time.perf_counter() + seconds
    while not runs or time.perf_counter() < ends:
        calls = make(next(first))
        began = time.perf_counter_ns()
        for call in calls:
            call()
        runs.append((time.perf_counter_ns() - began) / 1_000 / len(calls))
    return sorted(runs)[len(runs) // 2]
