"""Templates as the platform lists them (message_templates; Nov 2025)."""

from collections.abc import Iterator
from typing import Any

from campaign.simulator.templates import Card, Template


def listed(template: Template) -> dict[str, Any]:
    """Write one template as the management API does."""
    return {
        "id": str(template.template_id),
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": "POSITIONAL" if _is_positional(template) else "NAMED",
        "components": [*_components(template), *_extras(template)],
        "quality_score": {"score": template.quality},
    }


def _components(card: Card) -> Iterator[dict[str, Any]]:
    if card.header:
        header = {"type": "HEADER", "format": card.header.format}
        yield {**header, "text": card.header.text} if card.header.text else header
    if card.body:
        body = {"type": "BODY", "text": card.body}
        yield {**body, "example": _example(card)} if card.variables else body
    if isinstance(card, Template) and card.footer:
        yield {"type": "FOOTER", "text": card.footer}
    if card.buttons:
        shown = [
            {name: value for name, value in each.model_dump(mode="json").items() if value} for each in card.buttons
        ]
        yield {"type": "BUTTONS", "buttons": shown}


def _extras(template: Template) -> Iterator[dict[str, Any]]:
    if template.limited_time_offer:
        yield {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"has_expiration": True}}
    if template.cards:
        yield {"type": "CAROUSEL", "cards": [{"components": list(_components(card))} for card in template.cards]}


def _is_positional(card: Card) -> bool:
    return all(name.isdecimal() for name in card.variables)


def _example(card: Card) -> dict[str, Any]:
    if _is_positional(card):
        return {"body_text": [[f"value {name}" for name in card.variables]]}
    return {"body_text_named_params": [{"param_name": name, "example": name} for name in card.variables]}
