"""The fairness report as HTTP shows it."""

from uuid import UUID

from pydantic import Field

from shared.http.schemas import View, example

REP_ID = "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c02"


class RepShare(View):
    rep_id: UUID
    display_name: str
    due: float = Field(description="Leads due to them, their starting level included.")
    received: float = Field(description="Leads they were given and did not get credited back.")
    level: float = Field(description="due - received: positive is owed, negative is ahead.")


class Proof(View):
    """The ledger recomputed from its turns alone."""

    turns: int = Field(description="Lines read.")
    holds: bool = Field(description="Every choice follows the rule; the shares are the turns' sums.")
    wrong_turns: list[int] = Field(description="The first lines whose choice the rule does not give.")
    most_ahead: float = Field(description="The furthest anybody ever was ahead of their due, in leads.")
    most_behind: float = Field(description="The furthest anybody ever was behind their due, in leads.")


class LedgerView(View):
    model_config = example(
        {
            "team_id": "01997d3c-7a4e-7c11-8d3a-5b1f0e6a2c01",
            "team_name": "Sales",
            "band": "hot",
            "reps": [
                {"rep_id": REP_ID, "display_name": "Ana Lima", "due": 12.5, "received": 13, "level": -0.5}
            ],
            "largest_deviation": 0.5,
            "proof": {
                "turns": 26,
                "holds": True,
                "wrong_turns": [],
                "most_ahead": 0.5,
                "most_behind": 0.5,
            },
        }
    )

    team_id: UUID
    team_name: str
    band: str
    reps: list[RepShare]
    largest_deviation: float = Field(description="The largest distance from zero of a level, now.")
    proof: Proof


class FairnessReport(View):
    ledgers: list[LedgerView]
