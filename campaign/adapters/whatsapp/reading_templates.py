"""One template as WhatsApp writes it -> what it says and asks for. Nothing in it is taken for granted."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from campaign.adapters.whatsapp.members import objects, own_word, word
from campaign.domain.template_definition import (
    OLD_CATEGORIES,
    UNREADABLE,
    ButtonDefinition,
    HeaderDefinition,
    Offer,
    PartDefinition,
    TemplateDefinition,
)

# Levels of a carousel's cards; what lies deeper is none of ours.
_DEEPEST: Final = 16
# How many of the components it does not know are told.
_MOST_STRANGE: Final = 10

_KNOWN: Final = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER", "CAROUSEL"})
# What a message has to have beside the components, as the digest sees it. Examples hold links that differ each time.
_UNSEEN: Final = frozenset({"example"})


def read_template(said: Any) -> TemplateDefinition | None:  # noqa: ANN401 - JSON
    """Read one template; None for what has no name or language, since nobody could be told which one it is."""
    if not isinstance(said, dict):
        return None
    name, language = word(said.get("name")), word(said.get("language"))
    if not name or not language:
        return None
    listed = said.get("components")
    components = list(objects(listed))
    by_kind = {_upper(each.get("type")): each for each in components}
    category = _upper(said.get("category"))
    whole = _part(components)
    cards = tuple(
        _part(list(objects(card.get("components")))) for card in objects(by_kind.get("CAROUSEL", {}).get("cards"))
    )
    return TemplateDefinition(
        name=name,
        language=language,
        status=_upper(said.get("status")),
        category=OLD_CATEGORIES.get(category, category),
        quality=_quality(said.get("quality_score")),
        whole=whole,
        cards=cards,
        offer=_offer(by_kind.get("LIMITED_TIME_OFFER")),
        is_named=_is_named(said, whole),
        strange=_strange(components, by_kind, listed),
        digest=_digest(said),
    )


def _part(components: list[dict[str, Any]]) -> PartDefinition:
    by_kind = {_upper(each.get("type")): each for each in components}
    header, body = by_kind.get("HEADER"), by_kind.get("BODY")
    text = None if body is None else body.get("text")
    return PartDefinition(
        header=_header(header) if header is not None else None,
        # Without a body component there is none; one without a text, as of one-time codes, has a text nobody tells.
        body="" if body is None else text if isinstance(text, str) else None,
        footer=word(by_kind.get("FOOTER", {}).get("text")),
        buttons=tuple(_button(each) for each in objects(by_kind.get("BUTTONS", {}).get("buttons"))),
        examples=dict(_examples(body.get("example") if body is not None else None)),
    )


def _header(said: dict[str, Any]) -> HeaderDefinition:
    return HeaderDefinition(_upper(said.get("format")) or "TEXT", word(said.get("text")))


def _button(said: dict[str, Any]) -> ButtonDefinition:
    return ButtonDefinition(_upper(said.get("type")), word(said.get("text")), word(said.get("url")))


def _offer(said: dict[str, Any] | None) -> Offer:
    if said is None:
        return "none"
    detail = said.get("limited_time_offer")
    return "needed" if isinstance(detail, dict) and detail.get("has_expiration") is True else "possible"


def _is_named(said: Mapping[str, Any], whole: PartDefinition) -> bool:
    form = _upper(said.get("parameter_format"))
    if form in ("NAMED", "POSITIONAL"):
        return form == "NAMED"
    return any(not name.isdecimal() for name in whole.variables)


def _strange(
    components: list[dict[str, Any]],
    by_kind: Mapping[str, Any],
    listed: Any,  # noqa: ANN401 - JSON
) -> tuple[str, ...]:
    """Name what cannot be compared with a message."""
    if not isinstance(listed, list) or not components:
        return (UNREADABLE,)
    return tuple(kind or "a component" for kind in by_kind if kind not in _KNOWN)[:_MOST_STRANGE]


def _examples(said: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Find what was written for each variable: in order, or by name."""
    if not isinstance(said, dict):
        return
    match said.get("body_text"):
        case [[*values], *_]:
            yield from ((str(at), each) for at, each in enumerate(values, start=1) if isinstance(each, str))
    for each in objects(said.get("body_text_named_params")):
        name, example = word(each.get("param_name")), word(each.get("example"))
        if name and example:
            yield name, example


def _quality(said: Any) -> str:  # noqa: ANN401 - JSON
    return _upper(said.get("score")) if isinstance(said, dict) else _upper(said)


def _digest(said: Mapping[str, Any]) -> str:
    seen = {key: _kept(said.get(key)) for key in ("name", "language", "status", "category", "components")}
    return sha256(json.dumps(seen, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()


def _kept(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {key: _kept(each, depth + 1) for key, each in value.items() if key not in _UNSEEN}
    return [_kept(each, depth + 1) for each in value] if isinstance(value, list) else value


def _upper(value: Any) -> str:  # noqa: ANN401 - JSON
    return own_word(value).upper()
