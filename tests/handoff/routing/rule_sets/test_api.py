"""Rules are written as a whole, in versions, and explain themselves."""

from typing import Any

from tests.handoff.samples import SALES, House, lead_qualified


async def rules(house: House) -> Any:
    """Large German companies go to North, everything else to Sales."""
    north = await house.done("admin", "boss", "POST", "/v1/teams", json={"name": "North"})
    conditions = {
        "country": ["DE"],
        "company_size": {"min": 200},
        "score": {"min": 50},
        "hand_raiser": False,
        "source": ["web_form", "meta"],
        "industry": ["software"],
    }
    return {
        "rules": [
            {"name": "Large in Germany", "team_id": north["id"], "conditions": conditions},
            {"name": "Rest", "team_id": str(SALES)},
        ]
    }


async def test_a_new_version_decides_from_now_on_and_the_decision_names_it(house: House) -> None:
    body = await rules(house)
    written = await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=body)
    north = body["rules"][0]["team_id"]
    await house.hire("ana")
    await house.hire("nora", team_id=north)
    large, small = lead_qualified(company_size=200), lead_qualified(company_size=199)

    await house.hear(large, small)

    assert (await house.holder(large), await house.holder(small)) == ("nora", "ana")
    offer = await house.offer_of(large)
    trace = await house.done("rep", "nora", "GET", f"/v1/assignments/{offer['id']}/trace")
    assert (trace["rule_set"], trace["rule_name"]) == (2, "Large in Germany")
    assert trace["rule_id"] == written["rules"][0]["id"]


async def test_rules_are_shown_as_they_were_written(house: House) -> None:
    body = await rules(house)
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=body)

    shown = await house.done("sales_manager", "mia", "GET", "/v1/routing-rules")

    assert shown["version"] == 2
    assert shown["created_by"] == "boss"
    wanted = body["rules"][0]["conditions"] | {"source": ["meta", "web_form"]}
    assert [rule["conditions"] for rule in shown["rules"]] == [wanted, {}]


async def test_a_set_that_could_leave_a_lead_unowned_is_refused(house: House) -> None:
    body = await rules(house)

    refused = await house.call("admin", "boss", "PUT", "/v1/routing-rules", json={"rules": body["rules"][:1]})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/rules"
    assert (await house.done("admin", "boss", "GET", "/v1/routing-rules"))["version"] == 1


async def test_a_team_that_does_not_exist_and_a_misspelt_condition_are_refused(house: House) -> None:
    unknown = {"rules": [{"name": "Rest", "team_id": "00000000-0000-7000-8000-00000000dead"}]}
    misspelt = {"rules": [{"name": "Rest", "team_id": str(SALES), "conditions": {"contry": ["DE"]}}]}

    answers = [
        await house.call("admin", "boss", "PUT", "/v1/routing-rules", json=body)
        for body in (unknown, misspelt)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"][0]["pointer"] == "/rules/0/team_id"


async def test_two_writers_do_not_overwrite_each_other(house: House) -> None:
    body = await rules(house)
    headers = {**house.keys.as_("admin"), "If-Match": '"1"'}

    first = await house.http.put("/v1/routing-rules", json=body, headers=headers)
    second = await house.http.put("/v1/routing-rules", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (200, 412)


async def test_explain_says_where_a_lead_would_go_and_changes_nothing(house: House) -> None:
    body = await rules(house)
    await house.done("admin", "boss", "PUT", "/v1/routing-rules", json=body)
    ana = await house.hire("ana")
    ben = await house.hire("ben", active=False)
    facts = {"source": "web_form", "score": 30, "country": "DE"}

    told = [await house.done("marketer", "max", "POST", "/v1/routing/explain", json=facts) for _ in range(2)]

    assert told[0] == told[1] | {"answer_by": told[0]["answer_by"]}
    assert [(rule["name"], rule["unmet"]) for rule in told[0]["rules"]] == [
        ("Large in Germany", ["industry", "company_size", "score"]),
        ("Rest", []),
    ]
    assert (told[0]["rep_id"], told[0]["band"]) == (ana, "warm")
    assert told[0]["passed_over"] == [{"rep_id": ben, "reason": "inactive"}]
    assert await house.offers() == []
    report = await house.done("admin", "boss", "GET", "/v1/reports/fairness")
    assert all(ledger["proof"]["turns"] == 0 for ledger in report["ledgers"])


async def test_explain_says_that_a_lead_would_wait(house: House) -> None:
    ana = await house.hire("ana", capacity=0)

    told = await house.done(
        "admin", "boss", "POST", "/v1/routing/explain", json={"source": "meta", "score": 90}
    )

    assert (told["rep_id"], told["answer_by"]) == (None, None)
    assert told["passed_over"] == [{"rep_id": ana, "reason": "full"}]
