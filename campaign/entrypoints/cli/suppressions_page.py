"""What the commands of `suppress` say: lines for people, and the object of `--json`. Numbers are masked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from campaign.entrypoints import words

if TYPE_CHECKING:
    from campaign.adapters.postgres.suppressions import Suppressed
    from campaign.bootstrap.suppressing import Added, ImportedSuppressions, Listing, Removed

# Of the hash that stands for a person: enough to tell two lines apart.
TAG: Final = 8

_ENDED: Final = {"marketing": "marketing", "all": "any message"}


def _people(count: int) -> str:
    return words.counted(count, "person", "people")


def _messages(count: int) -> str:
    if not count:
        return "no message was waiting for them"
    return f"{words.counted(count, 'message that waited was', 'messages that waited were')} left out"


def added(done: "Added") -> Iterator[str]:
    known = len(done.numbers) - done.new
    before = "" if not known else f", {known:,} of them before" if done.new else ", as before"
    yield f"suppressed for {_ENDED[done.scope]}: {_people(len(done.numbers))}{before} ({', '.join(done.numbers)})"
    yield _messages(done.left_out)
    yield "`campaign suppress remove NUMBER` takes it back"


def imported(done: "ImportedSuppressions") -> Iterator[str]:
    yield f"suppressed for {_ENDED[done.scope]}: {done.people:,} of {done.rows:,} rows, {done.new:,} of them new"
    yield _messages(done.left_out)
    for reason, count in done.refused.most_common():
        known = words.of(words.REFUSED, reason)
        yield f"  {count:>9,}  could not be used: {known.words}; {known.remedy}"
    if done.refusals is not None:
        yield f"row by row, with what to do: {done.refusals}"


def removed(done: "Removed") -> Iterator[str]:
    if not done.taken:
        yield "there was nothing to take back"
    for number, scope, source in done.taken:
        yield f"{number} may get {_ENDED[scope]} again; until now: {_source(source)}"
    if any(source in {"whatsapp", "preference"} for _, _, source in done.taken):
        yield "WhatsApp itself may go on refusing: only they can change that, in WhatsApp"
    for number, each in done.left:
        stays = ", which stays" if each.source == "erased" else ""
        yield f"{number} still gets no {_without(each.scope)}: {_source(each.source)}{stays}"
    if done.taken:
        yield "messages that were left out stay left out"


def _without(scope: str) -> str:
    return "marketing" if scope == "marketing" else "message"


def listing(found: "Listing") -> Iterator[str]:
    yield f"{_people(found.people)} must not be written to"
    for each in found.tallies:
        yield f"  {each.people:>9,}  {each.scope:<9}  {_source(each.source)}; newest {words.moment(each.newest)}"
    if not found.newest:
        return
    yield "the newest:"
    for one in found.newest:
        yield f"  {words.moment(one.at)}  {one.scope:<9}  {_why(one)}"
    yield "numbers are not kept here: `campaign person NUMBER` tells about one"


def _why(one: "Suppressed") -> str:
    known = _source(one.source)
    said = words.answer(one.reason).words if one.reason.isdecimal() else one.reason
    return known if said == known else f"{known} ({said})"


def _source(name: str) -> str:
    return words.of(words.SUPPRESSED_BY, name).words


def _tag(person: bytes) -> str:
    return person.hex()[:TAG]


def removed_object(done: "Removed") -> dict[str, Any]:
    return {
        "people": len({number for number, *_ in done.taken}),
        "removed": [{"number": number, "scope": scope, "source": source} for number, scope, source in done.taken],
        "left": [{"number": number, "scope": each.scope, "source": each.source} for number, each in done.left],
        "error": None,
    }


def imported_object(done: "ImportedSuppressions") -> dict[str, Any]:
    return {
        "people": done.people,
        "new": done.new,
        "left_out": done.left_out,
        "scope": done.scope,
        "rows": done.rows,
        "refused": dict(done.refused),
        "refusals": str(done.refusals) if done.refusals is not None else None,
        "error": None,
    }


def listing_object(found: "Listing") -> dict[str, Any]:
    return {
        "people": found.people,
        "sources": [
            {"source": each.source, "scope": each.scope, "people": each.people, "newest": each.newest}
            for each in found.tallies
        ],
        "newest": [
            {
                "person": _tag(each.person),
                "scope": each.scope,
                "source": each.source,
                "reason": each.reason,
                "at": each.at,
            }
            for each in found.newest
        ],
        "error": None,
    }


def added_object(done: "Added") -> dict[str, Any]:
    return {
        "people": len(done.numbers),
        "new": done.new,
        "left_out": done.left_out,
        "scope": done.scope,
        "numbers": done.numbers,
        "error": None,
    }
