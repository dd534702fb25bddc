"""How people write quantities in a file: 80, 60s, 2%, and what each of them becomes."""

import ipaddress
import math
import os
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

# Messages a second of one Cloud API number after its upgrade. Source: Meta, "Throughput", 21 Nov 2025.
HIGHEST_RATE: Final = 1000.0
MOST_IN_FLIGHT: Final = 10_000
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_SHOWN: Final = 32

# Bytes of one name in a path, on any system there is.
LONGEST_NAME: Final = 255


class Section(BaseModel):
    """A part of a file: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class Whole(Section):
    """A whole file, which remembers where its values stand; made by the loaders alone."""

    _shown: Path = PrivateAttr()
    _path: Path = PrivateAttr()
    _place: Callable[[tuple[str | int, ...]], tuple[int, int]] = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:  # noqa: ANN401 - pydantic's signature
        self._shown, self._place = context["path"], context["place"]
        self._path = self._shown.absolute()

    def where(self, *keys: str | int) -> str:
        """Say file:line:column of a value, or of the nearest thing around it that was written."""
        line, column = self._place(keys)
        return f"{self._shown}:{line}:{column}"


def folder_of(info: ValidationInfo) -> Path:
    """Name the folder that relative paths in the file are relative to."""
    folder = info.context["folder"] if info.context else "."
    return Path(folder)


def beside(value: object, info: ValidationInfo, remedy: str) -> Path:
    """Read a path, relative to the folder of the file that names it; raises what `refuse` makes."""
    if not isinstance(value, str) or not value.strip() or not _names_a_file(value):
        raise refuse("that is no path", remedy)
    return Path(os.path.normpath(folder_of(info) / value))


def _names_a_file(text: str) -> bool:
    try:
        return "\0" not in text and all(len(os.fsencode(name)) <= LONGEST_NAME for name in Path(text).parts)
    except UnicodeEncodeError:
        return False


def refuse(what: str, remedy: str) -> PydanticCustomError:
    """Make the error of a value that cannot be used, in the words the reader will see."""
    return PydanticCustomError("refused", "{what}", {"what": what, "remedy": remedy})


def one_of(names: Sequence[str]) -> str:
    """Write a choice as people say it: a, b or c."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def shown(value: object, instead: str = "this value") -> str:
    """Quote a value in a message, unless it might be a secret or a phone number; `instead` is said then."""
    raw = str(getattr(value, "raw", value))
    if len(raw) > LONGEST_SHOWN or re.search(r"\d{7}", re.sub(r"[\s().-]", "", raw)):
        return instead
    return f"'{raw}'" if isinstance(value, str) else raw


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def parse_rate(value: object) -> float:
    """Read messages per second: above 0, at most 1,000 (Meta, "Throughput", 21 Nov 2025)."""
    number = _number(value)
    remedy = f"write messages per second above 0 and at most {HIGHEST_RATE:g}, as in 80"
    if number is None or not math.isfinite(number):
        raise refuse(f"{shown(value)} is not a number", remedy)
    if not 0 < number <= HIGHEST_RATE:
        raise refuse(f"{shown(value)} is out of range", remedy)
    return number


def _throughput(value: object) -> float | Literal["unlimited"]:
    return "unlimited" if value == "unlimited" else parse_rate(value)


def parse_whole(value: object, *, least: int, most: int, instead: str = "") -> int:
    """Read a whole number; `instead` is what may be written in its place, for the remedy."""
    number = _number(value)
    if number is None or number != int(number if math.isfinite(number) else 0) or not least <= number <= most:
        raise refuse(f"{shown(value)} is out of range", f"write {instead}a whole number from {least} to {most}")
    return int(number)


def _in_flight(value: object) -> int | Literal["auto"]:
    return "auto" if value == "auto" else parse_whole(value, least=1, most=MOST_IN_FLIGHT, instead="auto, or ")


def _headroom(value: object) -> float | Literal["auto"]:
    if value == "auto":
        return "auto"
    number = _number(value)
    if number is None or not 0 <= number < HIGHEST_RATE:
        raise refuse(f"{shown(value)} is out of range", "write auto, 0, or messages per second to leave free, as in 5")
    return number


def parse_duration(value: object) -> timedelta:
    """Read 60s, 10m, 24h or 30d."""
    match = re.fullmatch(r"([0-9]{1,6})\s*([smhd])", value) if isinstance(value, str) else None
    if match:
        return timedelta(seconds=int(match[1]) * UNITS[match[2]])
    if _number(value) is not None:
        raise refuse(f"{shown(value)} has no unit", "write a whole number with s, m, h or d, as in 60s or 24h")
    raise refuse(f"{shown(value)} is not a length of time", "write a whole number with s, m, h or d, as in 60s or 24h")


def _duration_or_none(value: object) -> timedelta | None:
    return None if value == "none" else parse_duration(value)


def written_duration(value: timedelta) -> str:
    """Write a length of time as a file would: the largest unit that leaves nothing over."""
    seconds = int(value.total_seconds())
    unit, size = max(((unit, size) for unit, size in UNITS.items() if seconds % size == 0), key=lambda pair: pair[1])
    return f"{seconds // size}{unit}"


def parse_percentage(value: object) -> float:
    """Read 2% as 0.02."""
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]+)?)\s*%", value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:  # noqa: PLR2004 - a percentage
        raise refuse(f"{shown(value)} is not a percentage", "write 0% to 100%, as in 2%")
    return float(match[1]) / 100


def between(least: timedelta, most: timedelta, words: str) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if not least <= value <= most:
            raise refuse("that length of time is out of range", f"write {words}")
        return value

    return AfterValidator(check)


def matching(pattern: str, what: str, remedy: str) -> AfterValidator:
    """Hold a text to a pattern; `what` and `remedy` are what the reader sees instead of it."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refuse(what, remedy)
        return value

    return AfterValidator(check)


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username or parts.password)
        usable = usable and parts.port != 0 and not re.search(r"\s", value)
    except ValueError:
        usable = False
    if not usable:
        raise refuse("that is not the address of an API", "write https://graph.facebook.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(value)):
        raise refuse("the address must begin with https://", "plain http is for loopback addresses alone")
    return value.rstrip("/")


def _id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _graph_id(value: str) -> str:
    if re.fullmatch(r"\+[\d\s().-]+|\d+[\s().-][\d\s().-]*", value):
        raise refuse("that looks like a phone number", "write the numeric id that WhatsApp Manager shows beside it")
    if not re.fullmatch(r"[1-9]\d{0,31}", value):
        raise refuse("that is no id of WhatsApp Manager", "write its digits, in quotes")
    return value


def _schema(reader: Callable[[object], Any], *schemas: dict[str, Any]) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(reader), WithJsonSchema(schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)})


_RATE: Final = {"type": "number", "exclusiveMinimum": 0, "maximum": HIGHEST_RATE}
_DURATION: Final = {"type": "string", "pattern": "^[0-9]{1,6} *[smhd]$"}

Rate = Annotated[float, *_schema(parse_rate, _RATE)]
Throughput = Annotated[float | Literal["unlimited"], *_schema(_throughput, _RATE, {"const": "unlimited"})]
InFlight = Annotated[
    int | Literal["auto"],
    *_schema(_in_flight, {"type": "integer", "minimum": 1, "maximum": MOST_IN_FLIGHT}, {"const": "auto"}),
]
Headroom = Annotated[
    float | Literal["auto"],
    *_schema(_headroom, {"type": "number", "minimum": 0, "exclusiveMaximum": HIGHEST_RATE}, {"const": "auto"}),
]
Duration = Annotated[timedelta, *_schema(parse_duration, _DURATION)]
DurationOrNone = Annotated[timedelta | None, *_schema(_duration_or_none, _DURATION, {"const": "none"})]
Percentage = Annotated[float, *_schema(parse_percentage, {"type": "string", "pattern": r"^[0-9.]+ *%$"})]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
GraphId = Annotated[str, BeforeValidator(_id), AfterValidator(_graph_id)]
Name = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9_.-]{0,63}",
        "that cannot be a name",
        "use a-z, 0-9, '_', '.' and '-', at most 64, beginning with a letter or digit",
    ),
]
