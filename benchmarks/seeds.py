"""What has to be there before anything can be measured: a form on a page, reps who take leads."""

from dataclasses import dataclass

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.house import House
from services.marketing.capture.sources.tables import Form
from shared import clock
from shared.database.sessions import create_engine

KEY = "pk_bench_0000000000000000"
REPS = 20
CAPACITY = 1_000_000  # nobody is ever full: a lead in the pool would cost less than one that is offered


@dataclass(frozen=True)
class Door:
    """Where a form posts to."""

    port: int
    path: str


async def open_form(house: House, key: str = KEY) -> Door:
    """A form whose every submission asks for contact, so that each new person qualifies."""
    engine = create_engine(house.database("marketing"), application="leadloop-bench")
    moment = clock.now()
    try:
        async with AsyncSession(engine) as session, session.begin():
            session.add(
                Form(
                    id=clock.new_id(),
                    key=key,
                    name="Talk to us",
                    hand_raiser=True,
                    origins=["https://www.example.com"],
                    created_at=moment,
                    updated_at=moment,
                )
            )
    finally:
        await engine.dispose()
    return Door(house.environment.port("MARKETING_PORT"), f"/v1/forms/{key}/submissions")


async def hire(house: House) -> None:
    """Twenty reps of the team that the first routing rules name, through handoff's API."""
    api = house.start("handoff", "api", profiled=False)
    headers = {"Authorization": f"Bearer {house.admin_token}"}
    async with httpx.AsyncClient(base_url=house.url("handoff"), headers=headers, timeout=20) as client:
        teams = (await client.get("/v1/teams")).raise_for_status().json()["items"]
        for number in range(REPS):
            rep = {
                "subject": f"rep-{number}",
                "display_name": f"Rep {number}",
                "team_id": teams[0]["id"],
                "weight": 1 + number % 3,
                "capacity": CAPACITY,
            }
            (await client.post("/v1/reps", json=rep)).raise_for_status()
    api.stop()
