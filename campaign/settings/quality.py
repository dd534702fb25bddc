"""How a campaign feels its way: the steps of its ramp, and what makes it stop by itself."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from campaign.domain.stop_loss import AFTER, WENT_WRONG
from campaign.settings.quantities import Percentage, Section, one_of, parse_percentage, parse_whole, refuse

MOST_STEPS: Final = 20
MOST_MESSAGES: Final = 10_000_000

_REMEDY: Final = "write how much of the audience each step reaches, as in [1%, 10%, 100%]"


def _ramp(value: object) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse("that is no list of steps", _REMEDY)
    if len(value) > MOST_STEPS:
        raise refuse(f"there are {len(value)} steps", f"write {MOST_STEPS} at most")
    shares = tuple(parse_percentage(each) for each in value)
    if shares[0] <= 0 or any(later <= earlier for earlier, later in pairwise(shares)):
        raise refuse("each step must reach more people than the one before", _REMEDY)
    if shares[-1] != 1:
        raise refuse("the last step does not reach everybody", "end the list with 100%")
    return shares


def _after(value: object) -> int:
    return parse_whole(value, least=1, most=MOST_MESSAGES)


_PERCENTAGE: Final[dict[str, Any]] = {"type": "string", "pattern": r"^[0-9.]+ *%$"}
_STEPS: Final = {"type": "array", "items": _PERCENTAGE, "minItems": 1, "maxItems": MOST_STEPS}

Ramp = Annotated[tuple[float, ...], PlainValidator(_ramp), WithJsonSchema(_STEPS)]
After = Annotated[
    int, PlainValidator(_after), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_MESSAGES})
]


class StopIf(Section):
    """The share of messages that may go wrong in each way; counted once `after` of them have an outcome."""

    rejected: Percentage | None = Field(default=None, examples=["5%"])
    failed: Percentage | None = None
    unknown: Percentage | None = None
    held: Percentage | None = None
    dropped: Percentage | None = None
    opt_out: Percentage | None = None
    after: After = AFTER

    @model_validator(mode="after")
    def _limits_something(self) -> "StopIf":
        if len(self.frozen()) == 1:
            kinds = one_of(list(WENT_WRONG))
            raise refuse("nothing would stop it", f"write a share for {kinds}, as in rejected: 5%")
        return self

    def frozen(self) -> Mapping[str, float]:
        """Give each limit there is, as a part of 1, and `after`."""
        return self.model_dump(exclude_none=True)
