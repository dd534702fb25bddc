"""Template messages: name, language, and the parameters of each component."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.simulator.bodies.interactive import product_sections
from campaign.simulator.bodies.plain import media, place
from campaign.simulator.bodies.rules import Rules
from campaign.simulator.bodies.shapes import (
    Check,
    Wrong,
    anything,
    by,
    differing,
    many,
    number,
    one_of,
    record,
    text,
)
from campaign.simulator.reasons import Reason

NAME_LIMIT = 512
HEADER_TEXT_LIMIT = 60
BODY_TEXT_LIMIT = 1024
COUPON_LIMIT = 20
MOST_BUTTONS = 10
MOST_CARDS = 10
PRODUCT_ID_LIMIT = 100
MOST_CALL_MINUTES = 30 * 24 * 60

# Neither order_status nor voice_call is in the references the rest was read from: their shapes, the words here and the
# limit of minutes are unconfirmed.
_ORDER_STATUSES = ("pending", "processing", "partially_shipped", "shipped", "completed", "canceled")
_DATE_PARTS = ("day_of_week", "year", "month", "day_of_month", "hour", "minute", "calendar", "timestamp", "component")


def template(rules: Rules) -> Check:
    """Describe the content of type template."""
    policy = {"policy": one_of("deterministic")}
    code: dict[str, Check] = {"code": text(rules, trimmed=True)}
    language = record(rules, {**code, **policy}) if rules.language_policy_needed else record(rules, code, policy)
    takes: dict[str, Check] = {"components": _components(rules)}
    if rules.language_policy_needed:
        # Had to match the business account until v2.41, ignored since.
        takes["namespace"] = text(rules)
    name = text(rules, NAME_LIMIT, pattern=r"[a-z0-9_]+")
    return record(rules, {"name": name, "language": language}, takes)


def _components(rules: Rules) -> Check:
    header = record(rules, {"type": anything, "parameters": many(_header_parameter(rules), 1, 1)})
    body = record(rules, {"type": anything}, {"parameters": _body_parameters(rules)})
    kinds = {"header": header, "body": body, "button": _button(rules), "footer": record(rules, {"type": anything})}
    card = record(
        rules,
        {
            "card_index": number(0, MOST_CARDS - 1, whole=True),
            "components": many(_component(kinds), 1, also=[_once, _buttons_differ]),
        },
    )
    kinds["carousel"] = record(
        rules,
        {"type": anything, "cards": many(card, 2, MOST_CARDS, also=[differing(lambda c: c["card_index"], "index")])},
    )
    offer = record(rules, {"expiration_time_ms": number(0, 10**16, whole=True)})
    parameter = record(rules, {"type": one_of("limited_time_offer"), "limited_time_offer": offer})
    if rules.order_status:
        kinds["order_status"] = record(rules, {"type": anything, "parameters": many(_order_status(rules), 1, 1)})
    kinds["limited_time_offer"] = record(rules, {"type": anything, "parameters": many(parameter, 1, 1)})
    return many(_component(kinds), 0, also=[_once, _buttons_differ])


def _order_status(rules: Rules) -> Check:
    order = record(rules, {"status": one_of(*_ORDER_STATUSES)}, {"description": text(rules, least=0)})
    status = record(rules, {"reference_id": text(rules), "order": order})
    return record(rules, {"type": one_of("order_status"), "order_status": status})


def _component(kinds: Mapping[str, Check]) -> Check:
    """Tell components by their type, which the platform takes in capitals too."""
    return by("type", {**kinds, **{name.upper(): check for name, check in kinds.items()}})


def _once(components: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
    """Look for a second header, body, carousel or offer; buttons alone come more than once."""
    kinds = [kind for each in components if (kind := each["type"].lower()) != "button"]
    if len(set(kinds)) == len(kinds):
        return None
    return Wrong(Reason.SUPERFLUOUS, f"Param {where} has a component twice.")


def _buttons_differ(components: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
    buttons = [each for each in components if each["type"].lower() == "button"]
    if len(buttons) > 1 and not all("index" in each for each in buttons):
        return Wrong(Reason.MISSING, f"Param {where} has several buttons; each needs an index.")
    return differing(lambda each: str(each["index"]) if "index" in each else None, "index")(buttons, where)


def _header_parameter(rules: Rules) -> Check:
    product = record(rules, {"product_retailer_id": text(rules, PRODUCT_ID_LIMIT), "catalog_id": text(rules)})
    contents: dict[str, Check] = {
        "text": text(rules, HEADER_TEXT_LIMIT, over=Reason.TEMPLATE_TEXT_TOO_LONG),
        "image": media(rules),
        "video": media(rules),
        "document": media(rules, filename=True),
        "gif": media(rules),
        "location": place(rules),
        "product": product,
        **_money_and_dates(rules),
    }
    return by("type", {kind: _parameter(rules, kind, check) for kind, check in contents.items()})


def _body_parameters(rules: Rules) -> Check:
    words = text(rules, BODY_TEXT_LIMIT, over=Reason.TEMPLATE_TEXT_TOO_LONG)
    contents = {"text": words, **_money_and_dates(rules)}
    parameter = by("type", {kind: _parameter(rules, kind, check) for kind, check in contents.items()})
    return many(parameter, 0, also=[_all_named_or_none, _body_fits])


def _all_named_or_none(parameters: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
    if len({"parameter_name" in each for each in parameters}) > 1:
        return Wrong(Reason.TEMPLATE_FORMAT, f"Param {where}: either each parameter has a name, or none has.")
    return differing(lambda each: each.get("parameter_name"), "name")(parameters, where)


def _body_fits(parameters: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
    """Add up what is put into the text: alone it must not be longer than the whole may be."""
    if sum(len(each.get("text", "")) for each in parameters) <= BODY_TEXT_LIMIT:
        return None
    return Wrong(Reason.TEMPLATE_TEXT_TOO_LONG, f"Param {where}: the text is over {BODY_TEXT_LIMIT} characters long.")


def _parameter(rules: Rules, kind: str, content: Check) -> Check:
    name = {"parameter_name": text(rules, pattern=r"[a-z][a-z0-9_]*")} if kind not in _UNNAMED else {}
    return record(rules, {"type": anything, kind: content}, name)


_UNNAMED = frozenset({"image", "video", "document", "gif", "location", "product"})


def _money_and_dates(rules: Rules) -> dict[str, Check]:
    shown = text(rules, BODY_TEXT_LIMIT, over=Reason.TEMPLATE_TEXT_TOO_LONG)
    amount = number(-(10**15), 10**15, whole=True)
    money = {"fallback_value": shown, "code": text(rules, pattern=r"[A-Z]{3}"), "amount_1000": amount}
    return {
        "currency": record(rules, money),
        "date_time": record(rules, {"fallback_value": shown}, dict.fromkeys(_DATE_PARTS, anything)),
    }


def _button(rules: Rules) -> Check:
    needs: dict[str, Check] = {"type": anything, "sub_type": anything}
    takes: dict[str, Check] = {}
    (needs if rules.button_index_needed else takes)["index"] = number(0, MOST_BUTTONS - 1, whole=True, as_text=True)
    parameters = {name: make(rules) for name, make in _BUTTONS.items() if name in rules.template_buttons}
    shapes = {name: record(rules, {**needs, "parameters": many(p, 1, 1)}, takes) for name, p in parameters.items()}
    return by("sub_type", {**shapes, **{name.upper(): check for name, check in shapes.items()}})


def _payload(rules: Rules) -> Check:
    return record(rules, {"type": one_of("payload"), "payload": text(rules)})


def _suffix(rules: Rules) -> Check:
    return record(rules, {"type": one_of("text"), "text": text(rules)})


def _coupon(rules: Rules) -> Check:
    code = text(rules, COUPON_LIMIT, pattern=r"[A-Za-z0-9]+")
    return record(rules, {"type": one_of("coupon_code"), "coupon_code": code})


def _action(rules: Rules, needs: Mapping[str, Check], takes: Mapping[str, Check] | None = None) -> Check:
    return record(rules, {"type": one_of("action"), "action": record(rules, needs, takes)})


def _catalog(rules: Rules) -> Check:
    return _action(rules, {}, {"thumbnail_product_retailer_id": text(rules, PRODUCT_ID_LIMIT)})


def _products(rules: Rules) -> Check:
    thumbnail = text(rules, PRODUCT_ID_LIMIT)
    return _action(rules, {"thumbnail_product_retailer_id": thumbnail, "sections": product_sections(rules)})


def _flow(rules: Rules) -> Check:
    return _action(rules, {}, {"flow_token": text(rules), "flow_action_data": anything})


def _call(rules: Rules) -> Check:
    minutes = number(1, MOST_CALL_MINUTES, whole=True)
    shapes = {
        "ttl_minutes": record(rules, {"type": anything, "ttl_minutes": minutes}),
        "payload": record(rules, {"type": anything, "payload": text(rules)}),
    }
    return by("type", shapes)


_BUTTONS: Mapping[str, Callable[[Rules], Check]] = {
    "quick_reply": _payload,
    "url": _suffix,
    "copy_code": _coupon,
    "catalog": _catalog,
    "mpm": _products,
    "flow": _flow,
    "voice_call": _call,
}
