"""Whatever a stranger sends to a form, all at once: each is answered, and the others get in all the same."""

import asyncio
import time

from httpx import AsyncClient
from sqlalchemy import text

from shared.database.sessions import Sessions
from tests.marketing.capture.house import balance, new_form, submissions, submit, work_off
from tests.support.keys import Keys
from tests.support.poisonous import POISONS

CPU_SECONDS = 6.0  # of both sides, for forty bodies; one of them took as much, and again in the worker


async def test_every_poison_at_once_holds_up_nobody(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    form = await new_form(marketing, keys)
    path = f"/v1/forms/{form['key']}/submissions"
    began = time.process_time()

    answers = await asyncio.gather(
        *(
            marketing.post(path, content=poison.body, headers={"content-type": poison.content_type})
            for poison in POISONS
        ),
        submit(marketing, form, {"email": "ada.nowak@muster-gmbh.com", "name": "Ada Nowak"}),
    )
    await work_off(marketing_sessions)

    wrong = [
        (poison.name, answer.status_code, answer.text[:80])
        for poison, answer in zip(POISONS, answers, strict=False)
        if answer.status_code >= 500
    ]
    assert wrong == []
    assert answers[-1].status_code == 202
    assert time.process_time() - began < CPU_SECONDS
    async with marketing_sessions() as session:
        pending = "SELECT count(*) FROM deliveries WHERE state = 'pending'"
        assert (await session.execute(text(pending))).scalar_one() == 0
        people = "SELECT count(*) FROM contacts WHERE family_name = 'Nowak'"
        assert (await session.execute(text(people))).scalar_one() == 1
    assert (await balance(marketing, keys))["holds"]
    assert all(one["state"] != "pending" for one in await submissions(marketing, keys))
