"""What WhatsApp would refuse in mid-run, seen before anything leaves: of a number, of the account, of a template.

What cannot be told is a warning. Source: Meta, "Health status", "Template status" and "Quality rating" (Nov 2025).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from campaign.domain.number_state import THROUGHPUT, Ailment, Entity, NumberState
from campaign.domain.template_definition import APPROVED, TemplateDefinition
from campaign.domain.template_fit import Misfit, misfits

CONNECTED: Final = "CONNECTED"

# Not every document knows the same words for a number that does not send. LINKED and FLAGGED do not say that.
_DOWN: Final = frozenset(
    {"DISCONNECTED", "UNVERIFIED", "PENDING", "RESTRICTED", "RATE_LIMITED", "BANNED", "DELETED", "MIGRATED", "OFFLINE",
     "UNLINKED"}
)  # fmt: skip

_MANAGER: Final = "see it in WhatsApp Manager, Phone numbers"
_ELSEWHERE: Final = "send over other shards, with `shards: [...]` in the campaign's file"

_STATUS_REMEDIES: Final[Mapping[str, str]] = {
    "PAUSED": "people blocked or reported it: change what it says, then unpause it in WhatsApp Manager",
    "DISABLED": "it stays so: make another template, and name that",
    "REJECTED": "WhatsApp Manager says why: change it and submit it again, or name another",
    "PENDING": "wait until WhatsApp has reviewed it",
    "IN_APPEAL": "wait for the answer to the appeal, or name another",
    "LIMIT_EXCEEDED": "the account has too many templates: delete some, then submit it again",
    "ARCHIVED": "take it out of the archive in WhatsApp Manager, or name another",
    "LOCKED": "wait until WhatsApp unlocks it, or name another",
    "PENDING_DELETION": "it is being deleted: name another",
    "DELETED": "it is deleted: name another",
}
_CATEGORIES: Final = ("MARKETING", "UTILITY", "AUTHENTICATION")

# What a finding is about: a number as a whole, its throughput, or the account behind all numbers.
About = Literal["number", "throughput", "account"]


class Remark(NamedTuple):
    """Something about a number or its account; with `blocks` it cannot send."""

    what: str
    remedy: str
    about: About = "number"
    blocks: bool = False


def judge_number(state: NumberState, *, shard: str, throughput: float | None) -> Iterator[Remark]:
    """Say what keeps a number from sending, or may; `throughput` is the settings', None for unlimited."""
    name = f"the number of shard {shard}"
    yield from _status(state, name)
    if state.quality == "RED":
        remedy = "send less marketing from it, or other people"
        yield Remark(f"the quality of shard {shard} is RED: people block it or report it", remedy)
    allowed = THROUGHPUT.get(state.throughput)
    if throughput is not None and allowed is not None and throughput > allowed:
        what = f"{name} may send {allowed:g} messages a second ({state.throughput}); the settings say {throughput:g}"
        yield Remark(what, f"write throughput: {allowed:g}; WhatsApp refuses what is faster", "throughput")
    yield from _health(state, name)


def _status(state: NumberState, name: str) -> Iterator[Remark]:
    if state.status in _DOWN:
        yield Remark(f"{name} is {state.status}: it cannot send", f"{_MANAGER}, or {_ELSEWHERE}", blocks=True)
    elif not state.status:
        yield Remark(f"WhatsApp does not say whether {name} is connected", _MANAGER)
    elif state.status != CONNECTED:
        yield Remark(f"{name} is {state.status}: whether it can send cannot be told", _MANAGER)


def _health(state: NumberState, name: str) -> Iterator[Remark]:
    told = False
    for entity in state.entities:
        for remark in _entity(entity, name):
            told = True
            yield remark
    if told or state.can_send not in ("BLOCKED", "LIMITED"):
        return
    yield from _entity(Entity("PHONE_NUMBER", state.can_send), name)


def _entity(entity: Entity, name: str) -> Iterator[Remark]:
    if entity.can_send not in ("BLOCKED", "LIMITED"):
        return
    about: About = "number" if entity.kind in ("PHONE_NUMBER", "") else "account"
    who = name if about == "number" else _OWNERS.get(entity.kind, f"the account's {entity.kind}")
    blocks = entity.can_send == "BLOCKED"
    verb = "may not send" if blocks else "may send only within limits"
    for ailment in entity.ailments or (Ailment("WhatsApp does not say why"),):
        code = f" (error {ailment.code})" if ailment.code is not None else ""
        remedy = ailment.solution or ("see WhatsApp Manager, Account tools" if about == "account" else _MANAGER)
        yield Remark(f"{who} {verb}: {ailment.words or 'WhatsApp does not say why'}{code}", remedy, about, blocks)


_OWNERS: Final[Mapping[str, str]] = {
    "WABA": "the WhatsApp Business account",
    "BUSINESS": "the business portfolio",
    "APP": "the app that the token belongs to",
}


def judge_template(
    template: Mapping[str, Any], found: Sequence[TemplateDefinition], *, category: str
) -> Iterator[Misfit]:
    """Hold a message's `template` against the templates of that name; paths lead from the message."""
    name, language = str(template.get("name")), _language(template)
    there = {each.language: each for each in found}
    definition = there.get(language)
    if definition is None:
        yield _missing(name, language, sorted(there))
        return
    yield from _sendable(definition)
    yield from _categorised(definition, category)
    yield from misfits(template.get("components") or (), definition)


def definition_of(template: Mapping[str, Any], found: Sequence[TemplateDefinition]) -> TemplateDefinition | None:
    """Find the one language of a template that a message names."""
    named = (str(template.get("name")), _language(template))
    return next((each for each in found if (each.name, each.language) == named), None)


def _language(template: Mapping[str, Any]) -> str:
    language = template.get("language")
    return str(language.get("code")) if isinstance(language, Mapping) else ""


def _missing(name: str, language: str, there: Sequence[str]) -> Misfit:
    if not there:
        remedy = "`campaign templates` lists those there are; submit this one in WhatsApp Manager, or name another"
        return Misfit(("template", "name"), f"the account has no template '{name}'", remedy)
    what = f"the template '{name}' is not there in '{language}'"
    return Misfit(("template", "language", "code"), what, f"write one of {', '.join(there)}, or submit this language")


def _sendable(definition: TemplateDefinition) -> Iterator[Misfit]:
    path, name = ("template", "name"), f"the template '{definition.name}' ({definition.language})"
    remedy = _STATUS_REMEDIES.get(definition.status)
    if remedy is not None:
        yield Misfit(path, f"{name} is {definition.status}, not {APPROVED}", remedy)
    elif definition.status != APPROVED:
        said = definition.status or "of a status that WhatsApp does not tell"
        what = f"{name} is {said}, not {APPROVED}: whether it can be sent cannot be told"
        yield Misfit(path, what, "see it in WhatsApp Manager, Message templates", blocks=False)
    if definition.quality == "RED":
        what = f"the quality of {name} is RED: WhatsApp may pause it in mid-run"
        yield Misfit(path, what, "change what it says, or send it to people who asked for it", blocks=False)


def _categorised(definition: TemplateDefinition, category: str) -> Iterator[Misfit]:
    if definition.category in ("", category.upper()):
        return
    what = f"the template '{definition.name}' is {definition.category}, the campaign {category}"
    if definition.category in _CATEGORIES:
        remedy = f"write category: {definition.category.lower()}, which consent, opt-outs and price go by"
        yield Misfit(CATEGORY, what, remedy)
    else:
        yield Misfit(CATEGORY, what, "see its category in WhatsApp Manager", blocks=False)


# Not in the message: the campaign's own key.
CATEGORY: Final = ("category",)
