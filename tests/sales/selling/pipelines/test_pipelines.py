from dataclasses import replace
from typing import Any

import pytest

from services.sales.selling.pipelines.rules import StagePlan, faults, first_qualifying
from shared.database.sessions import Sessions
from tests.sales.samples import Desk, codes, deliver, lead_accepted, told

NEW = StagePlan("new", "New", 0, "omitted", counts_as_pipeline=False)
DEMO = StagePlan("demo", "Demo", 40, "pipeline", counts_as_pipeline=True)


def stage(key: str, *, counts: bool = True) -> dict[str, Any]:
    category = "pipeline" if counts else "omitted"
    return {
        "key": key,
        "name": key.title(),
        "probability": 50,
        "forecast_category": category,
        "counts_as_pipeline": counts,
    }


@pytest.mark.parametrize(
    ("stages", "place"),
    [
        ([], ""),
        ([NEW], ""),
        ([DEMO, DEMO], "/0/counts_as_pipeline"),
        ([NEW, DEMO, DEMO], "/2/key"),
        ([NEW, DEMO, StagePlan("x", "X", 0, "omitted", counts_as_pipeline=False)], "/2/counts_as_pipeline"),
        ([NEW, StagePlan("x", "X", 0, "omitted", counts_as_pipeline=True)], "/1/forecast_category"),
        ([NEW, DEMO, StagePlan("x", "X", 9, "commit", counts_as_pipeline=False)], "/2/forecast_category"),
        ([replace(NEW, qualifies=True), DEMO], "/0/qualifies"),
        ([NEW, DEMO, replace(DEMO, key="x", qualifies=True)], "/2/qualifies"),  # an opportunity, and no SQL
    ],
)
def test_what_makes_a_pipeline_unusable(stages: list[StagePlan], place: str) -> None:
    assert place in [where for where, _ in faults(stages)]


EARLY = StagePlan("early", "Early", 5, "omitted", counts_as_pipeline=False)


@pytest.mark.parametrize(
    ("stages", "place"),
    [
        ([NEW, DEMO], 1),
        ([NEW, EARLY, DEMO], 1),
        ([NEW, EARLY, replace(DEMO, qualifies=True)], 2),
        ([NEW, replace(EARLY, qualifies=True), replace(DEMO, qualifies=True)], 1),
    ],
)
def test_which_stage_qualifies(stages: list[StagePlan], place: int) -> None:
    assert first_qualifying(stages) == place
    assert list(faults(stages)) == []


async def test_the_first_stage_marked_makes_an_sql(
    deal: dict[str, Any], ana: Desk, mia: Desk, sales_sessions: Sessions
) -> None:
    [pipeline] = (await mia.get("/v1/pipelines")).json()
    stages = [stage | {"qualifies": stage["key"] == "demo"} for stage in pipeline["stages"]]
    for stage in stages:
        if stage["key"] == "discovery":
            stage |= {"counts_as_pipeline": False, "forecast_category": "omitted"}
    changed = await mia.patch(f"/v1/pipelines/{pipeline['id']}", {"stages": stages})
    assert changed.status_code == 200, changed.text

    for stage in ("discovery", "new", "proposal", "demo"):
        await ana.post(f"/v1/deals/{deal['id']}/stage", {"stage": stage})

    facts = (await told(sales_sessions, deal["id"]))[1:]
    assert [(fact.to_stage, fact.became_qualified, fact.became_opportunity) for fact in facts] == [
        ("discovery", False, False),
        ("new", False, False),
        ("proposal", True, True),  # behind the one that qualifies
        ("demo", False, False),
    ]


def test_a_stage_before_and_one_in_the_pipeline_are_enough() -> None:
    assert list(faults([NEW, DEMO])) == []


async def test_there_is_a_pipeline_to_start_with(boss: Desk) -> None:
    [first] = (await boss.get("/v1/pipelines")).json()

    assert first["is_default"]
    assert [(each["key"], each["probability"], each["counts_as_pipeline"]) for each in first["stages"]] == [
        ("new", 0, False),
        ("discovery", 20, True),
        ("demo", 40, True),
        ("proposal", 60, True),
        ("negotiation", 80, True),
    ]


async def test_a_new_default_takes_the_next_leads(boss: Desk, sales_sessions: Sessions) -> None:
    stages = [stage("inbox", counts=False), stage("pilot")]

    made = await boss.post("/v1/pipelines", {"name": "Enterprise", "stages": stages, "is_default": True})
    await deliver(sales_sessions, lead_accepted())

    assert made.status_code == 201
    [deal] = (await boss.get("/v1/deals")).json()["items"]
    assert (deal["pipeline_id"], deal["stage"]) == (made.json()["id"], "inbox")
    assert [each["is_default"] for each in (await boss.get("/v1/pipelines")).json()] == [False, True]


async def test_a_stage_left_out_is_only_left_by_deals(boss: Desk, sales_sessions: Sessions) -> None:
    [pipeline] = (await boss.get("/v1/pipelines")).json()
    await deliver(sales_sessions, lead_accepted(), lead_accepted())
    one, two = (await boss.get("/v1/deals")).json()["items"]
    await boss.post(f"/v1/deals/{one['id']}/stage", {"stage": "demo"})
    kept = [each for each in pipeline["stages"] if each["key"] != "demo"]

    changed = await boss.patch(f"/v1/pipelines/{pipeline['id']}", {"stages": [*kept, stage("legal")]})

    assert [each["key"] for each in changed.json()["stages"]] == [
        "new",
        "discovery",
        "proposal",
        "negotiation",
        "legal",
    ]
    out = await boss.post(f"/v1/deals/{one['id']}/stage", {"stage": "legal"})
    in_again = await boss.post(f"/v1/deals/{two['id']}/stage", {"stage": "demo"})
    assert codes([out, in_again]) == [200, 422]


async def test_unusable_stages_are_named_by_their_place(boss: Desk) -> None:
    answer = await boss.post("/v1/pipelines", {"name": "Odd", "stages": [stage("a"), stage("a")]})

    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/stages/0/counts_as_pipeline", "/stages/1/key"}


async def test_a_stale_change_is_refused(boss: Desk) -> None:
    [pipeline] = (await boss.get("/v1/pipelines")).json()
    path = f"/v1/pipelines/{pipeline['id']}"
    seen = (await boss.get(path)).headers["etag"]

    answers = [await boss.patch(path, {"name": name}, **{"If-Match": seen}) for name in ("A", "B")]

    assert codes(answers) == [200, 412]
