"""How many people a portfolio may write to in a moving window."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import PlainValidator, WithJsonSchema

from campaign.settings.quantities import Duration, between, parse_whole

MOST_PEOPLE: Final = 100_000_000


def _limit(value: object) -> int | Literal["auto", "unlimited"]:
    if value == "auto" or value == "unlimited":  # noqa: PLR1714 - so that the type narrows
        return value
    return parse_whole(value, least=1, most=MOST_PEOPLE, instead="auto, unlimited, or ")


PortfolioLimit = Annotated[
    int | Literal["auto", "unlimited"],
    PlainValidator(_limit),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_PEOPLE}, {"enum": ["auto", "unlimited"]}]}
    ),
]

# WhatsApp's own is 24 hours (Meta, "Messaging limits", 26 Nov 2025); a shorter one is for rehearsals.
PortfolioWindow = Annotated[Duration, between(timedelta(seconds=5), timedelta(days=7), "5s to 7d")]
