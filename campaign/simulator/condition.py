"""How numbers and the account behind them are, as the platform tells whoever asks.

Source: Meta's OpenAPI description v23.0 (phone number, flow's `health_status`), "Health status" (Nov 2025).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CanSend = Literal["AVAILABLE", "LIMITED", "BLOCKED"]

_WORST: tuple[CanSend, ...] = ("BLOCKED", "LIMITED", "AVAILABLE")


class HealthError(BaseModel):
    """Why something may not send, or not much."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error_code: int
    error_description: str = "Simulated."
    possible_solution: str = "Simulated."


class Health(BaseModel):
    """Whether one entity may send."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity_type: Literal["PHONE_NUMBER", "MESSAGE_TEMPLATE", "WABA", "BUSINESS", "APP"]
    can_send_message: CanSend = "AVAILABLE"
    errors: tuple[HealthError, ...] = ()
    additional_info: tuple[str, ...] = ()

    def told(self, entity_id: str) -> dict[str, Any]:
        told = {name: value for name, value in self.model_dump(mode="json").items() if value}
        return {**told, "id": entity_id}


class Number(BaseModel):
    """What is said of one number where it is not what is said of all; the `health` is its own, not its account's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: str | None = None
    quality_rating: str | None = None
    level: str | None = None
    health: Health | None = Field(default=None)


class Conditions:
    """The numbers as a profile says they are, and what news has said of them since."""

    def __init__(self) -> None:
        self._said: dict[str, Number] = {}
        self._told: dict[str, Number] = {}

    def replace(self, said: Mapping[str, Number]) -> None:
        """Take what a profile says; news of before is history."""
        if said != self._said:
            self._said, self._told = dict(said), {}

    def tell(self, number: str, **changes: str | None) -> None:
        """Change what is said of a number from now on; None leaves it."""
        known = {name: value for name, value in changes.items() if value is not None}
        self._told[number] = self.of(number).model_copy(update=known)

    def of(self, number: str) -> Number:
        return self._told.get(number) or self._said.get(number) or Number()

    def clear(self) -> None:
        self._told.clear()


def health_status(entities: Iterable[tuple[Health, str]]) -> dict[str, Any]:
    """Write the health of several entities, with their ids; the whole is as well as the worst of them."""
    listed = list(entities)
    worst = min((_WORST.index(each.can_send_message) for each, _ in listed), default=2)
    return {"can_send_message": _WORST[worst], "entities": [each.told(entity_id) for each, entity_id in listed]}
