"""Several messages in one campaign, each for a share of its people: which of them works better."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field
from pydantic_core import PydanticCustomError

from campaign.settings.document import Document, Path_
from campaign.settings.quantities import Name, Percentage, Section, parse_percentage

# More would each be compared with too few people, and few accounts have so many templates for one purpose.
MOST: Final = 10
FEWEST: Final = 2
MESSAGE: Final[Path_] = ("message",)
MESSAGE_EXAMPLE: Final = "{type: template, template: {...}}"


class Variant(Section):
    """One of several messages, and the share of the people who get it."""

    name: Name = Field(examples=["short"])
    share: Percentage = Field(examples=["50%"])
    message: Mapping[str, Any] = Field(examples=[MESSAGE_EXAMPLE])


Variants = Annotated[tuple[Variant, ...], Field(json_schema_extra={"minItems": FEWEST, "maxItems": MOST})]


class Wording(NamedTuple):
    """One message that a campaign sends: its variant's name, '' where it is the only one; `keys` lead to it."""

    name: str
    share: float
    message: dict[str, Any]
    keys: Path_


def written_messages(value: Mapping[str, Any]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """List the messages of a campaign's file as they are written, each with the keys that lead to it."""
    listed = value.get("variants")
    candidates = [(MESSAGE, value.get("message"))]
    candidates += [((*keys, "message"), each.get("message")) for keys, each in _listed(listed)]
    for keys, message in candidates:
        if isinstance(message, dict):
            yield keys, message


def check_variants(document: Document, value: Mapping[str, Any]) -> None:
    """Blame variants that cannot be told apart or compared, or whose shares leave somebody out."""
    if "variants" not in value:
        if "message" not in value:
            document.blame(MESSAGE, "'message' is missing", f"write 'message: {MESSAGE_EXAMPLE}'")
        return
    if "message" in value:
        what = "'message' is there already"
        document.blame(("variants",), what, "keep one of the two; each variant has a message of its own", key=True)
    listed = value["variants"]
    if isinstance(listed, list):
        _check_count(document, listed)
        _check_names(document, listed)
        _check_shares(document, listed)


def _listed(variants: object) -> Iterator[tuple[Path_, dict[str, Any]]]:
    for index, each in enumerate(variants if isinstance(variants, list) else ()):
        if isinstance(each, dict):
            yield ("variants", index), each


def _check_count(document: Document, listed: Sequence[object]) -> None:
    if len(listed) < FEWEST:
        what = f"a comparison needs {FEWEST} variants or more"
        document.blame(("variants",), what, "add one, or write the only message as 'message'")
    elif len(listed) > MOST:
        document.blame(("variants", MOST), f"there are {len(listed)} variants", f"keep {MOST} of them at most")


def _check_names(document: Document, listed: Sequence[object]) -> None:
    seen: set[str] = set()
    for keys, each in _listed(listed):
        name = each.get("name")
        if isinstance(name, str) and name in seen:
            document.blame((*keys, "name"), f"there are two variants '{name}'", "give each a name of its own")
        seen.add(str(name))


def _check_shares(document: Document, listed: Sequence[object]) -> None:
    shares: list[Decimal] = []
    for keys, each in _listed(listed):
        with suppress(PydanticCustomError):
            parse_percentage(each.get("share"))
            shares.append(Decimal(str(each["share"]).rstrip("% ")))
            if not shares[-1]:
                what = "nobody would get this variant"
                document.blame((*keys, "share"), what, "write a share above 0%, or leave the variant out")
    total = sum(shares, Decimal(0))
    if len(shares) == len(listed) >= FEWEST and total != 100:  # noqa: PLR2004 - a percentage
        document.blame(("variants",), f"the shares add up to {total:f}%", "let them add up to 100%")
