"""What was booked by mistake is undone by lines, and what is over- or underpaid is seen."""

from typing import Any

import pytest

from services.sales.selling.deals.rules import due_minor, payment_state
from tests.sales.samples import Desk, codes, euros
from tests.sales.selling.payments.test_payments import payment


async def won(deal: dict[str, Any], ana: Desk, amount: str = "10000.00") -> str:
    path = f"/v1/deals/{deal['id']}"
    await ana.post(f"{path}/stage", {"stage": "proposal"})
    answer = await ana.post(f"{path}/win", {"amount": euros(amount)})
    assert answer.status_code == 200, answer.text
    return path


async def state(desk: Desk, path: str) -> tuple[Any, ...]:
    page = (await desk.get(path)).json()
    return page["payment"], page["collected"]["amount"], page["balance"]["amount"]


async def ids(desk: Desk, **filters: Any) -> list[str]:
    return [one["id"] for one in (await desk.get("/v1/deals", **filters)).json()["items"]]


async def test_a_mistyped_payment_is_seen_and_corrected(deal: dict[str, Any], ana: Desk, fay: Desk) -> None:
    path = await won(deal, ana)
    booked = (await fay.post(f"{path}/payments", payment("INV1", amount=euros("99999.00")))).json()

    assert (booked["overpaid"], booked["balance"]) == (True, euros("-89999.00"))
    assert await ids(fay, payment="overpaid") == [deal["id"]]
    line = f"{path}/payments/{booked['id']}"
    right = (await fay.post(f"{line}/correct", {"amount": euros("9999.00")})).json()

    assert (right["reference"], right["amount"], right["overpaid"]) == ("INV1", euros("9999.00"), False)
    assert await state(fay, path) == ("underpaid", "9999.00", "1.00")
    assert (await ids(fay, payment="overpaid"), await ids(fay, payment="underpaid")) == ([], [deal["id"]])
    lines = (await fay.get(f"{path}/payments")).json()
    assert [(one["kind"], one["amount"]["amount"], one["voids"]) for one in lines] == [
        ("payment", "99999.00", None),
        ("void", "99999.00", booked["id"]),
        ("payment", "9999.00", None),
    ]
    assert [one["voided_at"] is not None for one in lines] == [True, False, False]
    again = await fay.post(f"{path}/payments", payment("INV1", amount=euros("99999.00")))
    assert (again.status_code, again.json()["id"]) == (201, booked["id"])  # a late repeat books nothing
    assert await state(fay, path) == ("underpaid", "9999.00", "1.00")
    changes = (await fay.get(f"{path}/changes")).json()["items"]
    assert [one["after"]["amount"] for one in changes if one["field"] == "collected"] == [
        "9999.00",
        "99999.00",
    ]


async def test_a_void_stands_for_good(deal: dict[str, Any], ana: Desk, fay: Desk, mia: Desk) -> None:
    path = await won(deal, ana)
    line = (await fay.post(f"{path}/payments", payment())).json()
    undo = f"{path}/payments/{line['id']}/void"

    by_manager = await mia.post(undo, {"reason": "wrong_deal"})
    first, second = [await fay.post(undo, {"reason": "wrong_deal"}) for _ in range(2)]
    of_a_void = await fay.post(f"{path}/payments/{first.json()['id']}/void", {"reason": "oops"})
    unknown = await fay.post(f"{path}/payments/{deal['id']}/void", {"reason": "oops"})

    assert codes([by_manager, first, second, of_a_void, unknown]) == [403, 201, 409, 409, 404]
    assert await state(fay, path) == ("unpaid", "0.00", "10000.00")
    anew = await fay.post(f"{path}/payments", payment(amount=euros("11.00")))
    assert (anew.status_code, await ids(fay, payment="underpaid")) == (201, [deal["id"]])


async def test_money_goes_back_but_never_more_than_came(deal: dict[str, Any], ana: Desk, fay: Desk) -> None:
    path = await won(deal, ana, "10.00")
    line = (await fay.post(f"{path}/payments", payment())).json()
    assert await state(fay, path) == ("paid", "10.00", "0.00")

    refund = {"kind": "refund", "amount": euros("4.00")}
    back = await fay.post(f"{path}/payments", payment("R1", **refund))
    too_much = await fay.post(f"{path}/payments", payment("R2", kind="chargeback", amount=euros("6.01")))
    undone = await fay.post(f"{path}/payments/{line['id']}/void", {"reason": "bounced"})

    assert codes([back, too_much, undone]) == [201, 409, 409]
    assert await state(fay, path) == ("underpaid", "6.00", "4.00")
    await fay.post(f"{path}/payments/{back.json()['id']}/void", {"reason": "not_sent"})
    assert await state(fay, path) == ("paid", "10.00", "0.00")


async def test_a_loss_strands_no_money(deal: dict[str, Any], ana: Desk, fay: Desk, mia: Desk) -> None:
    path = await won(deal, ana, "10.00")
    await fay.post(f"{path}/payments", payment())
    await mia.post(f"{path}/reopen")

    refused = await ana.post(f"{path}/lose", {"reason": "price"})
    back = await fay.post(f"{path}/payments", payment("R1", kind="refund"))
    lost = await ana.post(f"{path}/lose", {"reason": "price"})

    assert codes([refused, back, lost]) == [409, 201, 200]
    assert "paid back" in refused.json()["detail"]


async def test_what_is_invoiced_is_what_is_due(deal: dict[str, Any], ana: Desk, fay: Desk, mia: Desk) -> None:
    path = f"/v1/deals/{deal['id']}"

    async def edit(**body: Any) -> int:
        seen = (await ana.get(path)).headers["etag"]
        return (await ana.patch(path, body, **{"If-Match": seen})).status_code

    assert await edit(amount=euros("100.00"), gross=euros("99.99")) == 422
    assert await edit(amount=euros("100.00"), gross={"amount": "119.00", "currency": "USD"}) == 422
    assert await edit(amount=euros("100.00"), gross=euros("119.00")) == 200
    await ana.post(f"{path}/stage", {"stage": "proposal"})
    await ana.post(f"{path}/win")
    await fay.post(f"{path}/payments", payment("I1", amount=euros("59.50")))
    assert await state(fay, path) == ("underpaid", "59.50", "59.50")
    await fay.post(f"{path}/payments", payment("I2", amount=euros("59.50")))
    assert await state(fay, path) == ("paid", "119.00", "0.00")
    await mia.post(f"{path}/refunds", {"amount": euros("50.00")})
    assert await state(fay, path) == ("overpaid", "119.00", "-59.50")
    await mia.post(f"{path}/amend", {"amount": euros("200.00")})
    assert (await fay.get(path)).json()["gross"] is None  # the tax on another amount is not known


@pytest.mark.parametrize(
    ("state", "amount", "refunded", "gross", "collected", "due", "right"),
    [
        ("open", 0, 0, None, 0, 0, None),
        ("open", 0, 0, None, 500, 0, None),  # paid ahead of its price
        ("open", 1000, 0, None, 500, 1000, None),
        ("open", 1000, 0, None, 1001, 1000, "overpaid"),
        ("won", 1000, 0, None, 0, 1000, "unpaid"),
        ("won", 1000, 0, None, 999, 1000, "underpaid"),
        ("won", 1000, 0, None, 1000, 1000, "paid"),
        ("won", 1000, 0, 1190, 1000, 1190, "underpaid"),
        ("won", 1000, 0, 1190, 1191, 1190, "overpaid"),
        ("won", 1000, 500, 1190, 595, 595, "paid"),
        ("won", 300, 100, 357, 238, 238, "paid"),
        ("won", 3, 1, 4, 3, 3, "paid"),  # 2.67, half up
        ("won", 1000, 1000, 1190, 0, 0, "paid"),
        ("won", 1000, 1000, 1190, 1, 0, "overpaid"),
        ("lost", 1000, 0, None, 0, 0, None),
        ("lost", 1000, 0, None, 1, 0, "overpaid"),
        ("disqualified", 1000, 0, 1190, 1, 0, "overpaid"),
    ],
)
def test_how_what_was_paid_stands_to_what_is_due(
    state: str, amount: int, refunded: int, gross: int | None, collected: int, due: int, right: str | None
) -> None:
    assert due_minor(state, amount, refunded, gross) == due
    assert payment_state(state, amount, refunded, gross, collected) == right
