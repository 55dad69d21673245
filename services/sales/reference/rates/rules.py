"""Exchange rates as decimals, read and shown. Pure."""

import re
from decimal import Decimal

RATE = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)


def parse_rate(text: str) -> Decimal:
    """A positive decimal with at most 12 digits on either side. Raises ValueError."""
    if not RATE.fullmatch(text):
        raise ValueError('A rate is a decimal string such as "0.9215", with at most 12 decimals.')
    rate = Decimal(text)
    if rate <= 0:
        raise ValueError("A rate is above 0.")
    return rate


def show_rate(rate: Decimal | int) -> str:
    """Plain digits without trailing zeros: "0.9215", "1", never "1E+2"."""
    text = f"{Decimal(rate):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
