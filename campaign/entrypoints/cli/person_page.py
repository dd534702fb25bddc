"""One person as a page: what they got, what they did not and why, and what they said. Numbers are masked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from campaign.entrypoints import advice, words
from campaign.entrypoints.words import Words
from campaign.settings.quantities import written_duration

if TYPE_CHECKING:
    from campaign.adapters.postgres.persons import PersonFacts, PersonMessage, PersonRefusal, Suppression, Written
    from campaign.bootstrap.persons import Known

# Of what somebody wrote.
LONGEST_TEXT: Final = 80

# In which order WhatsApp tells of one message.
COURSE: Final = ("held_for_quality_assessment", "sent", "delivered", "read", "played")

_ENDED: Final = {"all": "no message at all", "marketing": "no marketing"}
_NOTHING: Final = Words("")


def person_object(known: "Known") -> dict[str, Any]:
    """Spell it for `--json`."""
    facts = known.facts
    return {
        "number": known.number,
        "known": _is_known(facts),
        "erased_at": _erased_at(facts),
        "messages": [_spelled(each) for each in facts.messages],
        "refusals": [each._asdict() for each in facts.refusals],
        "suppressions": [each._asdict() for each in facts.suppressions],
        "preference": facts.preference._asdict() if facts.preference is not None else None,
        "windows": [each._asdict() for each in facts.windows],
        "wrote": [{**each._asdict(), "text": _shortened(each.text)} for each in facts.wrote],
        "error": None,
    }


def page(known: "Known") -> RenderableType:
    """Lay everything out, the newest first."""
    facts = known.facts
    if not _is_known(facts):
        return Text(f"{known.number}: the ledger knows nothing of this person")
    parts = [Text("\n" + known.number, "bold")]
    if (erased := _erased_at(facts)) is not None:
        parts.append(
            Text(f"  erased on {words.moment(erased)}: of what was before, dates and states are left", "yellow")
        )
    sections = (
        ("Must not be written to", map(_suppression, facts.suppressions)),
        ("Messages", map(_message, facts.messages)),
        ("Rows that became no message", map(_refusal, facts.refusals)),
        ("What they wrote", map(_wrote, facts.wrote)),
        ("What they chose, and what is open to them", _allowed(facts)),
    )
    return Group(*parts, *(each for title, lines in sections for each in _section(title, list(lines))), "")


def why(message: "PersonMessage") -> Words:
    """Say why a message is where it is, and what to do about it."""
    match message.state:
        case "pending":
            told = _waits(message)
        case "skipped" if message.reason == "suppressed":
            told = Words(words.SKIPPED["suppressed"].words)
        case "skipped":
            told = words.of(words.SKIPPED, message.reason or "")
        case "unknown":
            told = Words(words.evidence(message.reason, message.code), "`campaign unknown list {name}`")
        case "cancelled":
            told = Words("the run was cancelled")
        case "rejected":
            told = words.answer(message.code or 0)
        case "accepted":
            told = _accepted(message)
        case _:
            told = _NOTHING
    return Words(told.words, told.remedy.replace("{name}", _name(message)))


def _accepted(message: "PersonMessage") -> Words:
    if message.never_delivered:
        return Words(
            "never delivered: WhatsApp told of no delivery for 30 days, and does not say why",
            f"ask the person by another channel {'; '.join(advice.ASK)}",
        )
    if message.held_too_long:
        limit = written_duration(timedelta(seconds=round(message.held_limit_seconds)))
        return Words(
            f"held for longer than {limit}: WhatsApp has said nothing since; it counts as neither sent nor dropped",
            "look at the template in WhatsApp Manager",
        )
    failed = message.delivery in {"failed", "dropped"} and message.code is not None
    return words.answer(message.code or 0) if failed else _NOTHING


def _waits(message: "PersonMessage") -> Words:
    if message.run_state == "paused":
        reason = message.run_reason or ""
        told = words.stopped_by(message.run_code, reason) if message.run_code else words.of(words.RUN_REASON, reason)
        return Words(f"the run is paused: {told.words}", told.remedy)
    if message.run_state == "scheduled":
        return Words("the run has not begun")
    if message.stopped_code is not None:
        told = words.stopped_by(message.stopped_code)
        return Words(f"its shard is stopped: {told.words}", told.remedy)
    if message.waits_until is not None:
        put_off = f": {words.answer(message.code).words}" if message.code is not None else ""
        return Words(f"not before {words.moment(message.waits_until)}{put_off}")
    if message.gated:
        return Words("the run waits for WhatsApp's quality check of its template")
    return Words("its turn has not come; `campaign status` tells whether the run is being sent")


def _message(message: "PersonMessage") -> Iterator[RenderableType]:
    state = words.MESSAGE[message.state]
    if message.state == "accepted" and not message.never_delivered:
        state += f"; {words.of(words.DELIVERY, message.delivery).words}"
    tries = f", attempt {message.attempt}" if message.attempt > 1 else ""
    yield Text.assemble(
        (f"{_name(message)}, row {message.row}", "bold"), f"  {words.moment(message.at)}  {state}{tries}"
    )
    told, remedy = why(message)
    yield from _indented(told, remedy)
    if message.news:
        news = sorted(message.news, key=_course)
        said = (f"{each['status']} {words.moment(datetime.fromisoformat(each['at']))}{_code(each)}" for each in news)
        yield from _indented(f"WhatsApp told: {' · '.join(said)}")
    for each in message.earlier:
        state = words.MESSAGE[each["state"]]
        yield from _indented(f"attempt {each['attempt']}: {state}{_code(each)}; sent again by order: {each['why']}")


def _course(said: dict[str, Any]) -> tuple[datetime, int]:
    """Order news by time; within one second, which is all that WhatsApp tells, as things happen."""
    status = said["status"]
    return datetime.fromisoformat(said["at"]), COURSE.index(status) if status in COURSE else len(COURSE)


def _refusal(refusal: "PersonRefusal") -> Iterator[RenderableType]:
    known = words.of(words.REFUSED, refusal.reason)
    yield Text.assemble(
        (f"{refusal.campaign}@{refusal.run}, row {refusal.row}", "bold"), f"  {words.moment(refusal.at)}  {known.words}"
    )
    yield from _indented(refusal.detail)


def _suppression(suppression: "Suppression") -> Iterator[RenderableType]:
    source = words.of(words.SUPPRESSED_BY, suppression.source).words
    told = f"{_ENDED[suppression.scope]} since {words.moment(suppression.since)}: {source}"
    known = words.answer(suppression.reason).words if suppression.reason.isdecimal() else suppression.reason
    yield Text(told + (f" ({known})" if known and known != source else ""))


def _wrote(written: "Written") -> Iterator[RenderableType]:
    text = _shortened(written.text)
    yield Text(f"{words.moment(written.at)}  {written.kind}" + (f": {text}" if text else ""))


def _allowed(facts: "PersonFacts") -> Iterator[Iterator[RenderableType]]:
    if facts.preference is not None:
        chose = "stopped" if facts.preference.stopped else "resumed"
        yield iter([Text(f"{words.moment(facts.preference.at)}  they {chose} marketing in WhatsApp")])
    for each in facts.windows:
        yield iter([Text(f"messages without a template over {each.shard} until {words.moment(each.until)}")])


def _section(title: str, entries: Sequence[Iterator[RenderableType]]) -> Iterator[RenderableType]:
    if entries:
        yield Text(f"\n  {title}", "bold")
        yield from (Padding(line, (0, 0, 0, 4), expand=False) for entry in entries for line in entry)


def _indented(told: str, remedy: str = "") -> Iterator[RenderableType]:
    text = f"{told} → {remedy}" if told and remedy else told
    if text:
        yield Padding(Text(text, "dim"), (0, 0, 0, 4), expand=False)


def _spelled(message: "PersonMessage") -> dict[str, Any]:
    told, remedy = why(message)
    kept = {name: value for name, value in asdict(message).items() if name not in {"held_limit_seconds", "run_code"}}
    return {**kept, "why": told or None, "remedy": remedy or None}


def _is_known(facts: "PersonFacts") -> bool:
    return bool(
        facts.messages or facts.refusals or facts.suppressions or facts.preference or facts.windows or facts.wrote
    )


def _erased_at(facts: "PersonFacts") -> datetime | None:
    return next((each.since for each in facts.suppressions if each.source == "erased"), None)


def _name(message: "PersonMessage") -> str:
    return f"{message.campaign}@{message.run}"


def _code(said: dict[str, Any]) -> str:
    return f" ({said['code']})" if said["code"] is not None else ""


def _shortened(text: str | None) -> str | None:
    line = " ".join(text.split()) if text else ""
    return (line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…") or None
