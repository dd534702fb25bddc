"""What somebody writes to a number, as an experiment orders it."""

from dataclasses import dataclass
from typing import Any

from campaign.simulator.on_premises import CLIENT
from campaign.simulator.reading import digits

_WANTED = (
    'write {"from": digits, "text": "..."}, or "button": {"payload": "...", "text": "..."}, or "message": the '
    'webhook\'s own message from "type" on; and "number", "name", "context": an id, "age_s" where they matter'
)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a person writes to a number; `content` from `type` on, `age_s` how long ago."""

    number: str
    person: str
    content: dict[str, Any]
    name: str = "Ada"
    age_s: float = 0.0


def writing_of(order: dict[str, Any]) -> Writing | str:
    """Read an order, or say how one is written."""
    person, age_s = digits(str(order.get("from", ""))), order.get("age_s", 0)
    content = _content(order)
    if not person or content is None or not isinstance(age_s, (int, float)):
        return _WANTED
    if isinstance(order.get("context"), str):
        content = {**content, "context": {"from": "15550100000", "id": order["context"]}}
    number, name = str(order.get("number", CLIENT)), str(order.get("name", "Ada"))
    return Writing(number, person, content, name, float(age_s))


def _content(order: dict[str, Any]) -> dict[str, Any] | None:
    match order:
        case {"text": str() as text}:
            return {"type": "text", "text": {"body": text}}
        case {"button": dict() as button}:
            return {"type": "button", "button": button}
        case {"message": {"type": str()} as message}:
            return dict(message)
        case _:
            return None
