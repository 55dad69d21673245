"""Who changed this contact, this form, this campaign's spend."""

from httpx import AsyncClient

from shared.database.sessions import Sessions
from tests.marketing.capture.house import new_form
from tests.marketing.people.corrections.doors import BEA, Desk
from tests.support.keys import Keys
from tests.support.trail import trail, untold


async def test_only_questions_leave_no_row(marketing: AsyncClient) -> None:
    assert untold(marketing._transport.app) == {  # type: ignore[attr-defined]
        "POST /v1/contact-cards",
        "POST /v1/contact-holds",
        "POST /v1/prospects/search",
    }


async def test_who_changed_this_contact_and_not_what_it_says(
    marketing: AsyncClient, keys: Keys, marketing_sessions: Sessions
) -> None:
    desk = await Desk.open(marketing, keys, marketing_sessions)
    assert isinstance(desk, Desk)
    bea = (await desk.server_says(**BEA))["contact_id"]
    await desk.correct(f"/v1/contacts/{bea}", phone="+493090182000", job_title="Chief")

    [told] = await trail(marketing, keys, object_kind="contacts", object_id=bea)
    assert (told["subject"], told["method"]) == ("mia", "PATCH")
    [change] = told["changes"]
    assert change["fields"] == {"phone": None, "job_title": None}
    assert "90182000" not in str(told)


async def test_who_changed_this_form(marketing: AsyncClient, keys: Keys) -> None:
    form = await new_form(marketing, keys)
    await marketing.patch(
        f"/v1/forms/{form['id']}", json={"active": False}, headers=keys.as_("marketer", subject="mia")
    )

    changed, made = await trail(marketing, keys, object_kind="forms", object_id=form["id"])
    assert (changed["subject"], made["method"]) == ("mia", "POST")
    [fields] = [one["fields"] for one in changed["changes"] if one["kind"] == "forms"]
    assert fields["active"] == [True, False]
