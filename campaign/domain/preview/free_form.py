"""What a message that is no template and has nothing to tap looks like."""

from collections.abc import Callable, Mapping
from typing import Final

from campaign.domain.preview.bubble import Bubble, Media
from campaign.domain.preview.reading import FILES, Json, Names, items, media, part, place, text


def _text(message: Json, _: Names) -> Bubble:
    return Bubble(body=text(part(message, "text").get("body")))


def _file(message: Json, names: Names) -> Bubble:
    kind = str(message["type"])
    return Bubble(media=media(kind, message, names), body=text(part(message, kind).get("caption")))


def _location(message: Json, _: Names) -> Bubble:
    return Bubble(media=place(message))


def _contacts(message: Json, _: Names) -> Bubble:
    people = items(message, "contacts")
    first, *others = [text(part(each, "name").get("formatted_name")) for each in people] or [""]
    work = part(people[0], "org") if people else {}
    detail = ", ".join(text(work[key]) for key in ("title", "company") if work.get(key))
    return Bubble(media=Media("contact", first, detail), body=", ".join(others))


def _reaction(message: Json, _: Names) -> Bubble:
    return Bubble(media=Media("reaction", text(part(message, "reaction").get("emoji"))))


FREE_FORM: Final[Mapping[str, Callable[[Json, Names], Bubble]]] = {
    "text": _text,
    **dict.fromkeys(sorted(FILES), _file),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
}
