"""What a glance costs: the rules that look at every form and every touch, alone in one process."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.figures import Effort, Goal, Report, lines_of, ratio
from benchmarks.samples import form_body
from services.marketing.acquisition.channels.rules import classify
from services.marketing.capture.connectors.web_form.rules import may_reach

NAME = "judged"
TITLE = "A glance"
LOOK = "the door's look at a body that has an address"
LOOK_IN_VAIN = "the door's look at a body of the same size that has none"
CHANNEL = "channel rules, each touch another campaign, referrer and click id"
MOST_US = 10
EACH = 2_000  # calls of a run; all different, so that nothing remembered answers for the rules
Run = Mapping[str, float]


async def measure(effort: Effort) -> Report:
    """Microseconds a call: runs of many calls, as often as time allows."""
    report = Report(
        NAME,
        TITLE,
        f"Runs of {EACH:,} calls in one process, the middle run of each repeat. The rules remember "
        "little of what they were asked: each call of a run is another.",
    )
    subjects = {LOOK: _looks(form_body), LOOK_IN_VAIN: _looks(_nobody), CHANNEL: _touches()}
    samples: dict[str, list[Run]] = {subject: [] for subject in subjects}
    for _ in range(effort.repeats):
        for subject, calls in subjects.items():
            samples[subject].append({"µs a call": _middle(calls, effort.seconds / len(subjects))})
    report.lines = lines_of(samples)
    report.goals = [
        Goal(f"{subject}, µs", ratio(runs, [{"µs a call": 1.0}] * len(runs), _took), at_most=MOST_US)
        for subject, runs in samples.items()
    ]
    return report


def _looks(body: Callable[[int], bytes]) -> Sequence[Callable[[], object]]:
    return [partial(may_reach, body(number)) for number in range(EACH)]


def _nobody(number: int) -> bytes:
    """A form in which there is neither an @ nor a number that could be a telephone's."""
    return form_body(number).replace(b"@", b" at ").translate(None, b"0123456789").replace(b"%", b"~")


def _touches() -> Sequence[Callable[[], object]]:
    said = ("google", "facebook", "newsletter", "linkedin.com", "bing")
    media = ("cpc", "paid_social", "email", "organic", "referral")
    calls: list[Callable[[], object]] = []
    for number in range(EACH):
        utm = {"source": said[number % 5], "medium": media[number // 5 % 5], "campaign": f"spring-{number}"}
        if number % 4 == 0:
            utm = {}  # then the referrer is asked
        clicks = {"gclid": f"EAIa{number}"} if number % 3 == 0 else {}
        calls.append(partial(classify, utm, clicks, f"www.site-{number}.example/page"))
    return calls


def _middle(calls: Sequence[Callable[[], object]], seconds: float) -> float:
    runs: list[float] = []
    ends = time.perf_counter() + seconds
    while not runs or time.perf_counter() < ends:
        began = time.perf_counter_ns()
        for call in calls:
            call()
        runs.append((time.perf_counter_ns() - began) / 1_000 / len(calls))
    return sorted(runs)[len(runs) // 2]


def _took(run: Run) -> float:
    return run["µs a call"]
