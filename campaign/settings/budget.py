"""`budget: 500 EUR`: what a campaign may cost at most; and where the settings say that the rate cards are."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, PlainValidator, ValidationInfo, WithJsonSchema

from campaign.settings.quantities import beside, refuse, shown

_AMOUNT: Final = r"(?P<amount>[0-9]{1,12}(?:,[0-9]{3})*(?:\.[0-9]{1,6})?)"
_CURRENCY: Final = r"(?P<currency>[A-Z]{3})"
_WRITTEN: Final = (re.compile(rf"{_AMOUNT} *{_CURRENCY}"), re.compile(rf"{_CURRENCY} *{_AMOUNT}"))
_REMEDY: Final = "write an amount and a currency, as in 500 EUR or 1250.50 USD"


class Amount(NamedTuple):
    """An amount of money; `currency` in three letters."""

    value: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.value:,} {self.currency}"


def parse_budget(value: object) -> Amount:
    """Read 500 EUR."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise refuse(f"{shown(value)} has no currency", _REMEDY)
    found = next(filter(None, (form.fullmatch(str(value).strip()) for form in _WRITTEN)), None)
    if found is None:
        raise refuse(f"{shown(value)} is no amount of money", _REMEDY)
    amount = Decimal(found["amount"].replace(",", ""))
    if not amount:
        raise refuse("with a budget of nothing, nothing can be sent", _REMEDY)
    return Amount(amount, found["currency"])


def _rates(value: object, info: ValidationInfo) -> Path:
    path = beside(value, info, "name a rate card, or a folder of them, relative to this file")
    if not path.exists():
        raise refuse("there is nothing there", "correct the path, or leave the key out for `rates` beside this file")
    return path


Budget = Annotated[Amount, PlainValidator(parse_budget), WithJsonSchema({"type": "string", "examples": ["500 EUR"]})]
RatesPath = Annotated[Path, BeforeValidator(_rates)]
