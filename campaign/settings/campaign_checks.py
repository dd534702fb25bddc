"""What is wrong with a campaign although each of its keys is right."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from pydantic_core import PydanticCustomError

from campaign.domain.message import Dialect, Fault, check_message, spelled
from campaign.domain.rendering import UnusableMessage, compile_message
from campaign.settings.campaign_file import CONSENT_REMEDY
from campaign.settings.document import Document, Path_
from campaign.settings.quantities import parse_rate
from campaign.settings.schedule import check_schedule
from campaign.settings.settings_file import Settings
from campaign.settings.variants import check_variants, written_messages

SOURCES: Final = ("query", "list", "file")
Value = dict[str, Any]


def check_campaign(document: Document, value: Value, settings: Settings | None) -> None:
    """Blame what only several keys, or the settings, make wrong."""
    _check_consent(document, value)
    _check_audience(document, value.get("audience"))
    check_variants(document, value)
    for keys, message in written_messages(value):
        _check_message(document, value, message, keys, settings.account.dialect if settings else "cloud")
    _check_via(document, value, settings)
    _check_frequency(document, value)
    check_schedule(document, value.get("schedule"))
    if settings is not None:
        _check_shards(document, value.get("shards"), settings)
        _check_rate(document, value, settings)


def _check_consent(document: Document, value: Value) -> None:
    if value.get("category", "marketing") == "marketing" and "consent" not in value:
        document.blame(("consent",), "a marketing campaign needs 'consent'", CONSENT_REMEDY)


def _check_audience(document: Document, audience: object) -> None:
    if not isinstance(audience, dict):
        return
    sources = [key for key in SOURCES if key in audience]
    later = "run" in (document.value.get("audience") or {})
    if not sources and not later:
        document.blame(("audience",), "the audience has no source", "write one of query, list and file", key=True)
    for extra in sources[1:]:
        document.blame(("audience", extra), f"'{sources[0]}' is there already", "keep one source", key=True)
    if "database" in audience and "query" not in audience:
        remedy = "leave it out: lists and files need no database of their own"
        document.blame(("audience", "database"), "'database' goes with 'query'", remedy, key=True)


def _check_message(document: Document, value: Value, message: Value, keys: Path_, dialect: Dialect) -> None:
    category = str(value.get("category", "marketing"))
    faults = check_message(message, dialect, category=category)
    blamed = {fault.path for fault in faults}
    uncompilable = _uncompilable(message, dialect, category)
    for fault in [*faults, *(fault for fault in uncompilable if fault.path not in blamed)]:
        document.blame((*keys, *fault.path), f"{spelled(fault.path)}: {fault.what}", fault.remedy)


def _uncompilable(message: Value, dialect: Dialect, category: str) -> Iterable[Fault]:
    try:
        compile_message(message, dialect, category=category)
    except UnusableMessage as error:
        return error.faults
    return ()


def _check_frequency(document: Document, value: Value) -> None:
    if "frequency" in value and value.get("category", "marketing") != "marketing":
        what = "a cap counts marketing messages, and this campaign sends none"
        document.blame(("frequency",), what, "leave 'frequency' out", key=True)


def _check_via(document: Document, value: Value, settings: Settings | None) -> None:
    """Hold what only the Marketing Messages API takes to its rules. Source: Meta, "Marketing Messages", Dec 2025."""
    if value.get("via") != "marketing_messages":
        if "marketing_messages" in value:
            remedy = "write via: marketing_messages too, or leave it out"
            document.blame(("marketing_messages",), "these go with 'via: marketing_messages'", remedy, key=True)
        return
    for keys, message in written_messages(value):
        if message.get("type") != "template":
            remedy = "send a template, or leave 'via' out"
            document.blame((*keys, "type"), "the Marketing Messages API takes templates alone", remedy)
    if value.get("category", "marketing") != "marketing":
        remedy = "write category: marketing, or leave 'via' out"
        document.blame(("category",), "the Marketing Messages API takes marketing alone", remedy)
    if settings is not None and settings.account.dialect == "on_premises":
        document.blame(("via",), "On-Premises there is no Marketing Messages API", "leave 'via' out")


def _check_shards(document: Document, shards: object, settings: Settings) -> None:
    known = [shard.id for shard in settings.shards]
    names = shards if isinstance(shards, list) else []
    for index, name in enumerate(names):
        if name in names[:index]:
            document.blame(("shards", index), f"'{name}' is named twice", "name each shard once")
        elif isinstance(name, str) and name not in known:
            document.blame(
                ("shards", index), f"the settings have no shard '{name}'", f"write one of {', '.join(known)}"
            )


def _rate(value: Value) -> float | None:
    with suppress(PydanticCustomError):
        return parse_rate(value.get("rate"))
    return None


def _check_rate(document: Document, value: Value, settings: Settings) -> None:
    rate, names = _rate(value), value.get("shards")
    chosen = [shard for shard in settings.shards if not isinstance(names, list) or shard.id in names]
    ceilings = [shard.throughput for shard in chosen if shard.throughput != "unlimited"]
    if rate is not None and chosen and len(ceilings) == len(chosen) and rate > sum(ceilings):
        what = f"{rate:g} is above what the campaign's shards can do together"
        document.blame(("rate",), what, f"write at most {sum(ceilings):g}, or leave it out")
