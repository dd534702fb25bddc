"""The settings' `answers: {CODE: action}`: what an operator wants done with a code, against the built-in tables."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from campaign.domain.answers import Action
from campaign.settings.quantities import refuse, shown

# The largest that the ledger keeps.
LARGEST_CODE: Final = 2**31 - 1
ACTIONS: Final = tuple(action.value for action in Action)


def _code(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text[:11]) <= LARGEST_CODE):
        raise refuse(f"{shown(text)} is no code of WhatsApp", "write the number alone, as in 131053: reject")
    return int(text)


def _action(value: object) -> Action:
    if isinstance(value, str) and value in ACTIONS:
        return Action(value)
    near = get_close_matches(str(value).lower().replace("-", "_"), ACTIONS, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(ACTIONS)}"
    raise refuse(f"{shown(value)} is no action", remedy)


_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {"pattern": "^[0-9]{1,10}$"},
    "additionalProperties": {"enum": list(ACTIONS)},
}

Answers = Annotated[
    Mapping[Annotated[int, BeforeValidator(_code)], Annotated[Action, PlainValidator(_action)]],
    AfterValidator(lambda found: MappingProxyType(dict(found))),
    PlainSerializer(lambda found: {str(code): action.value for code, action in found.items()}),
    WithJsonSchema(_SCHEMA),
]
