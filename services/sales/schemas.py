"""What the forms and views of several slices share."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.http.schemas import Amount


def _not_negative(amount: Amount) -> Amount:
    if amount.minor < 0:
        raise ValueError("An amount can't be negative here.")
    return amount


def _above_zero(amount: Amount) -> Amount:
    if amount.minor <= 0:
        raise ValueError("The amount has to be above 0.")
    return amount


Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Price = Annotated[Amount, AfterValidator(_not_negative)]
PositivePrice = Annotated[Amount, AfterValidator(_above_zero)]
