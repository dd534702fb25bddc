"""How often one person may be written to, over all campaigns."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, PlainValidator, WithJsonSchema

from campaign.settings.quantities import Duration, Section, between, parse_whole

MOST: Final = 1000


def _at_most(value: object) -> int:
    return parse_whole(value, least=1, most=MOST)


class FrequencyCap(Section):
    """At most so many marketing messages to one person in any such period."""

    at_most: Annotated[
        int, PlainValidator(_at_most), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST})
    ] = Field(examples=[2])
    per: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=366), "1m to 366d")] = Field(examples=["7d"])
