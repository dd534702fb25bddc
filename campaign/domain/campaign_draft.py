"""A campaign's file to start from: a template's variables, header, buttons and cards, and what is left to decide."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from campaign.domain.template_definition import ButtonDefinition, PartDefinition, TemplateDefinition, variables_of

# What a media header shows until somebody names their own; example.com answers nobody.
_FILES: Final[Mapping[str, str]] = {
    "image": "picture.jpg",
    "video": "film.mp4",
    "document": "paper.pdf",
    "gif": "moving.mp4",
}
_PLACE: Final = {"latitude": "48.8566", "longitude": "2.3522", "name": "Our shop", "address": "1 rue de Rivoli, Paris"}
_PRODUCT: Final = {"product_retailer_id": "PRODUCT", "catalog_id": "194836987003835"}

# Milliseconds since 1970: the first moment of 2030.
_SOMEDAY: Final = 1_893_456_000_000
_WIDEST: Final = 110

_HEAD: Final = """\
# The template {template} ({language}). Look before you send:
#   campaign plan {file}
campaign: {name}
category: {category}  # the template's: consent, opt-outs and price go by it

audience:
  file: {name}.csv  # beside this file, UTF-8, with a line of column names; or list: NAME, or query: SELECT ...
  phone: phone  # the column with the number
  # country: FR  # of national numbers; without it they are refused, never guessed
"""
_CONSENT: Final = """
# Who agreed to marketing: a column of the audience. If you keep that elsewhere: consent: recorded_elsewhere
consent: {column: marketing_opt_in, source: crm}
"""
_TAIL: Final = """
# Left out, all this is decided for you; `campaign schema campaign` describes every key.
# shards: [paris]  # which numbers send it; all
# rate: 50  # messages per second; what the shards can do
# schedule: {at: 2026-12-01T09:00, until: 2026-12-02T20:00, timezone: recipient, quiet_hours: "21:00-08:00"}  # at once
# budget: 500 EUR  # a launch that may cost more is refused; no limit
# frequency: {at_most: 2, per: 7d}  # marketing messages to one person, over all campaigns; any number
# quality: {when_held: wait}  # what a held message does to the run: wait | pause | continue; also: ramp, stop_if
# duplicates: {within: 30d}  # the same words never reach the same person twice within that time
"""


def draft(definition: TemplateDefinition, *, name: str, file: str) -> str:
    """Write the file; every variable of the template has an expression with a column named after its place."""
    category = (definition.category or "MARKETING").lower()
    words = {"template": definition.name, "language": definition.language, "file": file, "name": name}
    lines = [_HEAD.format(**words, category=category)]
    if category == "marketing":
        lines.append(_CONSENT)
    if definition.whole.header is not None and definition.whole.header.form == "GIF":
        lines.append("\nvia: marketing_messages  # a header of form GIF goes by no other way\n")
    return "".join([*lines, *_message(definition), _TAIL])


def columns_of(text: str) -> list[str]:
    """Name the columns that a draft's expressions ask for, in order."""
    lines = [line.split("  #", 1)[0] for line in text.splitlines() if not line.startswith("#")]
    return list(dict.fromkeys(name for line in lines for name in variables_of(line)))


def _message(definition: TemplateDefinition) -> Iterator[str]:
    yield "\n# What people see, with its variables:\n"
    yield from (f"#   {line}\n" for line in _seen(definition))
    yield "message:\n  type: template\n  template:\n"
    yield f"    name: {definition.name}\n    language: {{code: {_text(definition.language)}}}\n"
    components = list(_components(definition))
    if components:
        yield "    components:\n"
        yield from (f"      {line}\n" for line in components)


def _seen(definition: TemplateDefinition) -> Iterator[str]:
    yield from _part_seen(definition.whole)
    for at, card in enumerate(definition.cards, start=1):
        yield f"card {at}:"
        yield from (f"  {line}" for line in _part_seen(card))
    for kind in definition.strange:
        yield f"({kind}: nothing is written for it below, see the template in WhatsApp Manager)"


def _part_seen(part: PartDefinition) -> Iterator[str]:
    if part.header is not None:
        yield from _plain(part.header.text or f"[{part.header.form.lower()}]")
    yield from _plain(part.body if part.body is not None else "(WhatsApp's own words around a code)")
    yield from _plain(part.footer)
    for button in part.buttons:
        yield from _plain(f"[ {button.text or button.kind.lower()} ]" + (f" {button.url}" if button.url else ""))


def _components(definition: TemplateDefinition) -> Iterator[str]:
    if definition.offer != "none":
        yield "- type: limited_time_offer  # when it ends: milliseconds since 1970, UTC"
        yield from _parameter({"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": _SOMEDAY}})
    yield from _part(definition.whole, definition, "")
    if definition.cards:
        yield "- type: carousel"
        yield "  cards:"
        for at, card in enumerate(definition.cards):
            yield f"    - card_index: {at}"
            yield "      components:"
            yield from (f"        {line}" for line in _part(card, definition, f"card_{at + 1}_"))


def _part(part: PartDefinition, definition: TemplateDefinition, prefix: str) -> Iterator[str]:
    yield from _header(part, definition, prefix)
    yield from _body(part, definition, prefix)
    for index, button in enumerate(part.buttons):
        yield from _button(button, index, "code" if part.body is None else f"{prefix}link_{index}", prefix)


def _header(part: PartDefinition, definition: TemplateDefinition, prefix: str) -> Iterator[str]:
    if part.header is None:
        return
    form = part.header.form.lower()
    if form == "text":
        yield from _texts("header", part.header.variables, definition, f"{prefix}header_", {})
    elif form in _FILES:
        yield "- type: header  # name your own; or file: NAME, beside this file"
        yield from _parameter({"type": form, form: {"link": f"https://example.com/{_FILES[form]}"}})
    elif form in ("location", "product"):
        yield "- type: header  # name your own"
        yield from _parameter({"type": form, form: _PLACE if form == "location" else _PRODUCT})


def _body(part: PartDefinition, definition: TemplateDefinition, prefix: str) -> Iterator[str]:
    if part.body is None:
        yield "- type: body"
        yield '  parameters: [{type: text, text: "{{ code }}"}]'
        return
    yield from _texts("body", part.variables, definition, f"{prefix}body_", part.examples)


def _texts(
    kind: str, names: tuple[str, ...], definition: TemplateDefinition, column: str, examples: Mapping[str, str]
) -> Iterator[str]:
    if not names:
        return
    yield f"- type: {kind}"
    yield "  parameters:"
    for name in names:
        example = f", for example {_one_line(examples[name])}" if examples.get(name) else ""
        named = f"parameter_name: {name}, " if definition.is_named else ""
        written = name if definition.is_named else column + name
        yield f'    - {{type: text, {named}text: "{{{{ {written} }}}}"}}  # {{{{{name}}}}}{example}'


def _button(button: ButtonDefinition, index: int, column: str, prefix: str) -> Iterator[str]:
    value: dict[str, Any]
    match button.kind:
        case "URL" | "OTP" if button.is_filled:
            value = {"type": "text", "text": f"{{{{ {column} }}}}"}
        case "COPY_CODE":
            value = {"type": "coupon_code", "coupon_code": f"{{{{ {prefix}coupon }}}}"}
        case "QUICK_REPLY":
            value = {"type": "payload", "payload": _one_line(button.text) or f"button {index}"}
        case "MPM":
            section = {"title": "Ours", "product_items": [{"product_retailer_id": "PRODUCT"}]}
            value = {
                "type": "action",
                "action": {"thumbnail_product_retailer_id": "PRODUCT", "sections": [section]},
            }
        case _:
            return
    yield f"- type: button  # {_one_line(button.text) or button.kind}"
    yield f"  sub_type: {button.sub_type}"
    yield f'  index: "{index}"'
    yield from _parameter(value)


def _parameter(value: Mapping[str, Any]) -> Iterator[str]:
    """Write the one parameter that a component has, a member a line."""
    yield "  parameters:"
    for count, line in enumerate(_members(value)):
        yield f"    {' ' if count else '-'} {line}"


def _members(value: Mapping[str, Any]) -> Iterator[str]:
    for key, each in value.items():
        if isinstance(each, Mapping) and len(each) > 1:
            yield f"{key}:"
            yield from (f"  {line}" for line in _members(each))
        else:
            yield f"{key}: {_flow(each)}"


def _flow(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Write a value in a line, as the samples do."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    """Write a text so that YAML reads it as one."""
    plain = value.isascii() and value.replace("_", "").isalpha() and value.lower() not in {"yes", "no", "on", "off"}
    return value if plain and value.lower() not in {"true", "false", "null"} else json.dumps(value)


def _plain(text: str) -> Iterator[str]:
    """Break WhatsApp's words into lines that stay comments."""
    for line in text.splitlines():
        words = _one_line(line, longest=None)
        while words:
            cut = len(words) if len(words) <= _WIDEST else words.rfind(" ", 1, _WIDEST) + 1 or _WIDEST
            yield words[:cut].rstrip()
            words = words[cut:]


def _one_line(text: str, longest: int | None = 60) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:longest]
