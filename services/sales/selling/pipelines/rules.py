"""What makes a pipeline usable. No database, no framework."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage as someone wants it. Its place in the sequence is its position."""

    key: str
    name: str
    probability: int
    forecast_category: str
    counts_as_pipeline: bool
    qualifies: bool = False


def first_qualifying(stages: Sequence[StagePlan]) -> int:
    """The place of the stage that makes a lead an SQL: the first one marked, else the one after the entry."""
    return next((place for place, stage in enumerate(stages) if stage.qualifies), 1)


def faults(stages: Sequence[StagePlan]) -> Iterator[tuple[str, str]]:
    """What is wrong, as (place, why): "/2/key" is the key of the third stage; "" the whole."""
    if not stages:
        yield "", "A pipeline needs stages."
        return
    if stages[0].counts_as_pipeline:
        yield "/0/counts_as_pipeline", "The first stage lies before the pipeline: a deal starts there."
    if not any(stage.counts_as_pipeline for stage in stages):
        yield "", "At least one stage must count as pipeline, or no deal ever becomes an opportunity."
    if stages[0].qualifies:
        yield "/0/qualifies", "A deal starts in the first stage: opening it qualifies nobody."
    pipeline = next((place for place, stage in enumerate(stages) if stage.counts_as_pipeline), len(stages))
    if 0 < pipeline < first_qualifying(stages):
        yield (
            f"/{first_qualifying(stages)}/qualifies",
            "What counts as pipeline is qualified: mark that stage, or one before it.",
        )
    keys = [stage.key for stage in stages]
    for place, stage in enumerate(stages):
        if stage.key in keys[:place]:
            yield f"/{place}/key", f"The key {stage.key} is used twice."
        if stage.counts_as_pipeline == (stage.forecast_category == OMITTED):
            yield (
                f"/{place}/forecast_category",
                "Stages before the pipeline are omitted from forecasts, and only they are.",
            )
        if place and stages[place - 1].counts_as_pipeline and not stage.counts_as_pipeline:
            yield f"/{place}/counts_as_pipeline", "Stages before the pipeline come before those that count."
